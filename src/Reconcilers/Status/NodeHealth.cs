using Slotwise.Reconcilers.Planning;

namespace Slotwise.Reconcilers.Status;

/// <summary>Whether a server does what it is there for.</summary>
public static class NodeHealth
{
    /// <summary>
    /// The master of its shard, or a replica in sync with that; either serves and is ready for the kubelet too, as clients find it through the Service.
    /// </summary>
    public static bool IsReady(ClusterView view, Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member.Pod.IsReady && IsServing(view, member);
    }

    /// <summary>The same, whatever its kubelet says of the pod, in which another container may be amiss.</summary>
    public static bool IsServing(ClusterView view, Member member)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(member);
        return !member.Pod.IsTerminating
            && !member.Server.Info.IsLoading
            && member.Server.Cluster.IsOk
            && (member.Server.IsMaster ? view.LeaderOf(member.Shard)?.Id == member.Id : IsInSyncWithItsShard(view, member));
    }

    /// <summary>Whether the replica is a copy of its own shard's master.</summary>
    public static bool IsInSyncWithItsShard(ClusterView view, Member member)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(member);
        return member.Server.IsInSync
            && view.LeaderOf(member.Shard) is { } master
            && member.Server.Myself.MasterId == master.Id;
    }
}
