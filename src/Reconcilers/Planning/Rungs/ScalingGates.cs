using System.Globalization;
using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Status;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// What must hold before the first slot moves and before every further batch. A move that starts too early is worse than a late one: a target that does
/// not serve yet leaves a slot open that no client can use.
/// </summary>
public static class ScalingGates
{
    static readonly Func<ClusterView, string?>[] Chain = [MissingPod, HesitantMaster, LaggingReplica, UnmarkedShard];

    /// <summary>The first gate that is closed; null when slots may move.</summary>
    public static Wait? FirstClosed(ClusterView view, SlotPlan plan)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(plan);
        return Chain.Select(gate => gate(view)).FirstOrDefault(reason => reason is not null) is { } reason
            ? Held(plan, reason, view.GossipInterval)
            : null;
    }

    /// <summary>Says why no slot moves although some shall.</summary>
    public static Wait Held(SlotPlan plan, string reason, TimeSpan lookAgain)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new Wait(
            plan.Kind?.ToString() ?? "",
            string.Create(CultureInfo.InvariantCulture, $"{plan.Remaining} slots are to move and wait for this: {reason}; take spec.shards back if it cannot be mended"),
            lookAgain);
    }

    /// <summary>The share of a shard is for all its pods: a master without its replica would take slots that then have one copy.</summary>
    static string? MissingPod(ClusterView view) => (
        from shard in Enumerable.Range(0, view.Spec.Shards)
        from ordinal in Enumerable.Range(0, view.Spec.NodesPerShard)
        where view.Observation.Pod(shard, ordinal) is not { Server: not null, IsTerminating: false }
        select $"{ClusterNames.Pod(view.Observation.Key.Name, shard, ordinal)} is not a member yet").FirstOrDefault();

    /// <summary>A master that says so itself: what others say of it is older.</summary>
    static string? HesitantMaster(ClusterView view) => (
        from member in view.Members
        where member.Server.IsMaster && (!member.Server.Cluster.IsOk || member.Server.Info.IsLoading)
        select $"{member} does not serve yet").FirstOrDefault();

    /// <summary>A second master of a shard that owns slots is none: it becomes one when they have moved away from it.</summary>
    static string? LaggingReplica(ClusterView view) => (
        from member in view.Members
        where member.Shard < view.Spec.Shards && member.Server.Slots.IsEmpty && view.LeaderOf(member.Shard)?.Id != member.Id && !NodeHealth.IsInSyncWithItsShard(view, member)
        select $"{member} is no replica in sync").FirstOrDefault();

    /// <summary>Whoever takes over from this process must know that the shard was being emptied.</summary>
    static string? UnmarkedShard(ClusterView view) => (
        from shard in view.SurplusShards
        where view.Annotation(shard, ClusterMetadata.DrainingAnnotation) is null
        select $"shard {shard} is not marked yet as one to be emptied").FirstOrDefault();
}
