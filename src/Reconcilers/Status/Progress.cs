using System.Globalization;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Reconcilers.Planning.Rolling;

namespace Slotwise.Reconcilers.Status;

/// <summary>How far the cluster is from the shape that was asked for, although it serves.</summary>
/// <param name="Reason">In one CamelCase word, for conditions.</param>
/// <param name="Message">What is still to be done.</param>
public sealed record Progress(string Reason, string Message)
{
    /// <summary>What is left to be done; null when the cluster has its shape. Moves that wait for the user's approval are no part of it.</summary>
    public static Progress? Describe(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.SlotPlan is { } plan && (plan.Kind ?? plan.Operation?.Kind) is { } kind)
        {
            return new Progress(kind.ToString(), Words(view, plan, kind));
        }

        if (view.Observation.WasFormed && view.Observation.Pods.Any(pod => pod.Shard < view.Spec.Shards && pod.Ordinal >= view.Spec.NodesPerShard))
        {
            return new Progress("FewerReplicas", string.Create(CultureInfo.InvariantCulture, $"scaling to {view.Spec.ReplicasPerShard} {(view.Spec.ReplicasPerShard == 1 ? "replica" : "replicas")} of each master"));
        }

        return view.Observation.WasFormed && !view.Spec.Update.Paused && view.Roll.Reason is { } reason ? new Progress("Updating", Words(view.Roll, reason)) : null;
    }

    static string Words(RollState roll, string reason)
    {
        var left = roll.PodsLeft == 1 ? "1 pod is still to be replaced" : string.Create(CultureInfo.InvariantCulture, $"{roll.PodsLeft} pods are still to be replaced");
        var now = roll.Shards.Where(shard => shard.IsBegun).Select(shard => $"shard {shard.Shard.ToString(CultureInfo.InvariantCulture)}").ToList();
        return $"updating ({reason}): {left}{(now.Count == 0 ? "" : $", now of {string.Join(", ", now)}")}";
    }

    static string Words(ClusterView view, SlotPlan plan, OperationKind kind)
    {
        var shards = view.Spec.Shards == 1 ? "1 shard" : string.Create(CultureInfo.InvariantCulture, $"{view.Spec.Shards} shards");
        var left = plan.Remaining == 1 ? "1 slot is still to be moved" : string.Create(CultureInfo.InvariantCulture, $"{plan.Remaining} slots are still to be moved");
        return kind switch
        {
            OperationKind.ScalingIn when plan.Remaining == 0 => string.Create(
                CultureInfo.InvariantCulture,
                $"scaling in to {shards}: all slots have moved, {view.SurplusShards.Count} emptied {(view.SurplusShards.Count == 1 ? "shard is" : "shards are")} still to be removed"),
            OperationKind.ScalingIn => string.Create(CultureInfo.InvariantCulture, $"scaling in to {shards}: {left}"),
            OperationKind.ScalingOut => string.Create(CultureInfo.InvariantCulture, $"scaling out to {shards}: {left}"),
            _ => $"rebalancing: {left}",
        };
    }
}
