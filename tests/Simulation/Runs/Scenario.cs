using Slotwise.Simulation.Faults;

namespace Slotwise.Simulation.Runs;

/// <summary>
/// All that decides a run: a seed for what is left to chance (delays, lost packets, jitter), and what happens to the world, drawn beforehand. So a run can be
/// repeated without some of what happened, which is how a failure is made smaller.
/// </summary>
/// <param name="Seed">For all that is random within the run.</param>
/// <param name="Shape">What it begins with.</param>
/// <param name="Incidents">What happens, by time.</param>
/// <param name="Crash">A write at which the operator ends; null for none.</param>
public sealed record Scenario(ulong Seed, Shape Shape, IReadOnlyList<Appointed> Incidents, CrashPoint? Crash = null)
{
    /// <summary>Of a shard that is served no earlier than this after the beginning nothing can be expected.</summary>
    public static readonly TimeSpan Forming = TimeSpan.FromSeconds(30);

    /// <summary>When the last of it is over, unless the cluster is still being formed then.</summary>
    public TimeSpan CalmAt => Incidents.Count == 0 ? TimeSpan.Zero : Incidents.Max(incident => incident.At + incident.What.Lasts);
}

/// <summary>What happens, and how long after the beginning.</summary>
public sealed record Appointed(TimeSpan At, Incident What);
