using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Failovers;

/// <summary>
/// A master whose slots nobody serves any more while replicas of it are there: it does not answer, or it was started again without its keys, which the replicas
/// are about to lose as well (law 5).
/// </summary>
/// <param name="Id">Its node id.</param>
/// <param name="Name">Its pod, or, if that is unknown, its id.</param>
/// <param name="Shard">The shard of its replicas.</param>
/// <param name="Fate">What is known of the end of its process.</param>
/// <param name="Copies">Its replicas that answer, the one that has most of what it had first.</param>
public sealed record LostMaster(NodeId Id, string Name, int Shard, NodeFate Fate, IReadOnlyList<Member> Copies)
{
    /// <summary>A master that runs longer than this is empty because somebody emptied it.</summary>
    static readonly TimeSpan JustStarted = TimeSpan.FromMinutes(1);

    /// <summary>It, if it answers: without its keys.</summary>
    public Member? Returned { get; init; }

    /// <summary>Where it ran; null if nobody knows.</summary>
    public NodeTrace? Trace { get; init; }

    /// <summary>When its container ended, by the clock of its host; null where that was not reported.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Whether it is being started on its volume, and may come back with all that it had.</summary>
    public bool IsOnItsWay { get; init; }

    /// <summary>The lost masters, by shard.</summary>
    public static IReadOnlyList<LostMaster> Find(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var returned = from master in view.Masters where IsEmptied(view, master) select OfReturned(view, master);
        var silent = from replica in view.Members
                     where replica.Server.Myself.MasterId is { } followed && view.Find(followed) is null
                     group replica by (Id: replica.Server.Myself.MasterId!.Value, replica.Shard) into copies
                     where OwnsUnserved(view, copies.Key.Id)
                     select OfSilent(view, copies.Key.Id, copies.Key.Shard, copies);
        return [.. returned.Concat(silent).OrderBy(lost => lost.Shard).ThenBy(lost => lost.Id)];
    }

    /// <summary>Whether the server lost the keys that a replica of it still holds, so that it must not be given slots.</summary>
    public static bool IsEmptied(ClusterView view, Member master)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(master);
        return master.Server is { IsMaster: true, HoldsKeys: false, Info.IsLoading: false }
            && master.Server.Info.Uptime < JustStarted
            && view.Members.Any(replica => IsLastCopyOf(master, replica));
    }

    static LostMaster OfReturned(ClusterView view, Member master) =>
        new(master.Id, master.ToString(), master.Shard, new NodeFate(ProcessEnd.Proven, "it came back without its keys"), InOrder(view.Members.Where(replica => IsLastCopyOf(master, replica))))
        {
            Returned = master,
        };

    static LostMaster OfSilent(ClusterView view, NodeId id, int shard, IEnumerable<Member> copies)
    {
        var trace = NodeTrace.Of(view, id);
        var pod = view.Observation.Pods.FirstOrDefault(pod => pod.Name == trace?.Pod);
        return new LostMaster(id, trace?.Pod ?? id.ToString(), shard, NodeFate.Of(view, id), InOrder(copies))
        {
            Trace = trace,
            EndedAt = pod is not null && trace!.IsIn(pod) ? EndOf(pod.Container) : null,
            IsOnItsWay = pod is { IsOnItsWay: true } && view.Spec.Storage is not null,
        };
    }

    static DateTimeOffset? EndOf(V1ContainerStatus? container) => (container?.State?.Terminated ?? container?.LastState?.Terminated)?.FinishedAt;

    /// <summary>Whether it owns slots, as far as anybody knows, that no server claims: else somebody replaced it already.</summary>
    static bool OwnsUnserved(ClusterView view, NodeId id) =>
        view.Members.Any(member => member.Server.Nodes.Find(id) is { } entry && !entry.Slots.Except(view.Claims.Claimed).IsEmpty);

    static bool IsLastCopyOf(Member master, Member replica) =>
        replica.Server.Myself.MasterId == master.Id
        && replica.Server is { HoldsKeys: true, IsInSync: false, Info.IsLoading: false }
        && replica.Server.Info.Uptime >= master.Server.Info.Uptime;

    static List<Member> InOrder(IEnumerable<Member> copies) =>
        [.. copies.OrderByDescending(replica => replica.Server.Info.ReplicaOffset).ThenBy(replica => replica.Ordinal)];

    /// <summary>Where a server may answer that is this master, restarted.</summary>
    public IReadOnlyList<RedisEndpoint> Addresses(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var present = view.Observation.Pods.FirstOrDefault(pod => pod.Name == Trace?.Pod)?.Address;
        var addresses = (Trace?.Addresses ?? []).Append(present ?? "").Where(address => address.Length > 0);
        return [.. addresses.Distinct(StringComparer.Ordinal).Select(address => new RedisEndpoint(address, ClusterPorts.Data))];
    }
}
