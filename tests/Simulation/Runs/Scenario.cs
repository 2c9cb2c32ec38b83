using Slotwise.Simulation.Faults;

namespace Slotwise.Simulation.Runs;

/// <summary>
/// All that decides a run: a seed for what is left to chance (delays, lost packets, jitter), and what happens to the world, drawn beforehand. So a run can be
/// repeated without some of what happened, which is how a failure is made smaller.
/// </summary>
/// <param name="Seed">For all that is random within the run.</param>
/// <param name="Shape">What it begins with.</param>
/// <param name="Incidents">What happens, by time.</param>
public sealed record Scenario(ulong Seed, Shape Shape, IReadOnlyList<Appointed> Incidents)
{
    /// <summary>How long a cluster that nothing happens to takes to form, where pods start in no time.</summary>
    public static readonly TimeSpan QuickForming = TimeSpan.FromSeconds(12);

    static readonly TimeSpan SlowForming = TimeSpan.FromSeconds(30);

    /// <summary>Writes at which the operator ends, one after the other.</summary>
    public IReadOnlyList<CrashPoint> Crashes { get; init; } = [];

    /// <summary>Whether something happens while the cluster forms. Else its pods start in no time: what is not to be disturbed need not be drawn out.</summary>
    public bool IsFormingDisturbed => Incidents.Any(incident => incident.At < QuickForming);

    /// <summary>Of a shard that is served no earlier than this after the beginning nothing can be expected.</summary>
    public TimeSpan Forming => IsFormingDisturbed ? SlowForming : QuickForming;

    /// <summary>When the last of it is over, unless the cluster is still being formed then.</summary>
    public TimeSpan CalmAt => Incidents.Count == 0 ? TimeSpan.Zero : Incidents.Max(incident => incident.At + incident.What.Lasts);
}

/// <summary>What happens, and how long after the beginning.</summary>
public sealed record Appointed(TimeSpan At, Incident What);
