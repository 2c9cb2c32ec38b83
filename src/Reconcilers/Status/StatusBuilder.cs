using System.Globalization;
using Slotwise.Entities;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Status;

/// <summary>
/// Computes the whole status from what was observed and decided. Nothing in it changes with traffic or time alone, so a settled cluster's
/// status is never written.
/// </summary>
public static class StatusBuilder
{
    const string Updating = "Updating";

    /// <summary>The status to report.</summary>
    /// <param name="view">What was observed.</param>
    /// <param name="plan">What was decided.</param>
    /// <param name="outcomes">How the steps ended that were carried out.</param>
    public static RedisClusterStatus Build(ClusterView view, Plan plan, IReadOnlyList<(IStep Step, StepOutcome Outcome)> outcomes)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(plan);
        var cluster = view.Observation.Cluster;
        var wanted = cluster.Spec.Shards * cluster.Spec.NodesPerShard;
        var ready = view.Members.Count(member => member.Shard < cluster.Spec.Shards && member.Ordinal < cluster.Spec.NodesPerShard && NodeHealth.IsReady(view, member));
        return new RedisClusterStatus
        {
            ObservedGeneration = cluster.Metadata.Generation,
            Conditions = Conditions.Build(view, plan, outcomes, ready, wanted),
            ShardCount = view.Observation.Objects.StatefulSets.Count(set => view.IsOurs(set)),
            Selector = RedisClusterLabels.ScaleSelector(cluster.Metadata.Name!),
            SlotsAssigned = view.ServedSlots.Count,
            ReadyNodes = ready,
            Ready = string.Create(CultureInfo.InvariantCulture, $"{ready}/{wanted}"),
            Slots = string.Create(CultureInfo.InvariantCulture, $"{view.ServedSlots.Count}/{SlotSet.SlotCount}"),
            Shards = [.. ShardIndices(view).Select(index => BuildShard(view, index))],
            VolumeSize = view.LargestVolume?.ToString(),
            Operation = BuildOperation(view),
        };
    }

    static SortedSet<int> ShardIndices(ClusterView view) => [.. view.Observation.Pods.Select(pod => pod.Shard)];

    static RedisClusterShardStatus BuildShard(ClusterView view, int index)
    {
        var master = view.LeaderOf(index);
        return new RedisClusterShardStatus
        {
            Index = index,
            Master = master?.Pod.Name,
            Replicas =
            [
                .. view.Members
                    .Where(member => master is not null && member.Server.Myself.MasterId == master.Id)
                    .Select(member => member.Pod.Name),
            ],
            Slots = master?.Server.Slots.ToString(),
        };
    }

    static RedisClusterOperation? BuildOperation(ClusterView view)
    {
        if (view.Spec.Paused)
        {
            return null;
        }

        if (!view.Observation.WasFormed)
        {
            return new RedisClusterOperation { Kind = "Forming", StartTime = view.Observation.Cluster.Metadata.CreationTimestamp };
        }

        // While slots are not served nobody can say how many are left to be moved.
        var noted = Operation.Parse(view.Annotation(0, ClusterMetadata.OperationAnnotation));
        if ((view.SlotPlan?.Kind ?? noted?.Kind) is { } kind)
        {
            return new RedisClusterOperation { Kind = kind.ToString(), SlotsRemaining = view.SlotPlan?.Remaining, StartTime = noted?.Start };
        }

        if (view.Spec.Update.Paused || view.Roll.Reason is null)
        {
            return null;
        }

        // Nothing is decided by when it was begun, so it is written nowhere else.
        var before = view.Observation.Cluster.Status?.Operation;
        var start = before?.Kind == Updating ? before.StartTime : view.Observation.At;
        return new RedisClusterOperation { Kind = Updating, PodsRemaining = view.Roll.PodsLeft, StartTime = start };
    }
}
