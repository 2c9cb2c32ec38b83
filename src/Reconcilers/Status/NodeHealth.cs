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
            && member.Server.Myself.MasterId == master.Id
            && !IsCutOff(view, master, member);
    }

    /// <summary>
    /// Whether the replica takes a connection for alive of which its master knows nothing: after a partition, or when its host is gone, a replica that only listens hears so
    /// late (repl-timeout, 60 s) that nobody is there any more. Where masters see other addresses than the pods', as behind proxies, their number decides.
    /// </summary>
    public static bool IsCutOff(ClusterView view, Member master, Member replica)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(master);
        ArgumentNullException.ThrowIfNull(replica);
        return replica.Server is { IsInSync: true, Myself.MasterId: { } followed } && followed == master.Id
            && !master.Server.Info.Replicas.Any(known => known.Ip == replica.Address)
            && master.Server.Info.ConnectedReplicas < view.Members.Count(other => other.Server.IsInSync && other.Server.Myself.MasterId == master.Id);
    }
}
