using Slotwise.Reconcilers.Resources;
using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// A pod that serves, or copies its master, is ended by the operator only while every other pod that its shard keeps does so, too: what is taken for a copy and is none may
/// turn out to be all that is left.
/// </summary>
sealed class CopiesWaitForEachOther() : Law("1", "no copy is ended while another one is none")
{
    /// <summary>The longest that an observation takes, and a pass with it.</summary>
    static readonly TimeSpan Observing = TimeSpan.FromSeconds(3);

    readonly SortedDictionary<string, TimeSpan> _idleSince = new(StringComparer.Ordinal);

    public override void Tick()
    {
        for (var shard = 0; shard < (World.Cluster?.Spec.Shards ?? 0); shard++)
        {
            for (var ordinal = 0; ordinal < World.Cluster!.Spec.NodesPerShard; ordinal++)
            {
                var name = ClusterNames.Pod(RunWorld.Key.Name, shard, ordinal);
                if (World.ServerOf(name) is { } server && (server.View.IsMaster || server.View.IsInSync))
                {
                    _idleSince.Remove(name);
                }
                else
                {
                    _idleSince.TryAdd(name, World.Simulator.Now);
                }
            }
        }
    }

    public override void Stopped(ObjectWrite write, IReadOnlyList<StoppedPod> pods)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(pods);
        foreach (var pod in pods.Where(pod => pod.Worked))
        {
            var shard = RunWorld.PlaceOf(pod.Name)!.Value.Shard;
            for (var ordinal = 0; ordinal < World.LeastPodsWantedForLong && World.IsShardWantedForLong(shard); ordinal++)
            {
                var other = ClusterNames.Pod(RunWorld.Key.Name, shard, ordinal);
                if (other != pod.Name && _idleSince.TryGetValue(other, out var since) && World.Simulator.Now - since > Observing)
                {
                    Violated(pod.Name, $"is ended by {write.Verb} {write.Kind} {write.ObjectName} while {other} is no copy since {since.TotalSeconds:0.0} s", "one crash more and nobody has the keys");
                    return;
                }
            }
        }
    }
}
