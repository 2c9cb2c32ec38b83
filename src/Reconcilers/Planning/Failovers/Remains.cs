using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Failovers;

/// <summary>Whether anything is left of the keys of a node that does not answer: in its process or in one of those that followed it.</summary>
static class Remains
{
    /// <summary>Of those that may hold keys of the node the first that may still live, and why that is not excluded; null when all is gone.</summary>
    public static string? Find(ClusterView view, NodeId node) => FirstAlive(view, FollowersOf(view, node).Prepend(node));

    /// <summary>The nodes that anybody believes to follow the node.</summary>
    public static IEnumerable<NodeId> FollowersOf(ClusterView view, NodeId node) =>
        new SortedSet<NodeId>(view.Members.SelectMany(member => member.Server.Nodes.Nodes).Where(other => other.MasterId == node && !other.IsInHandshake).Select(other => other.Id));

    /// <summary>The same of all nodes that were noted of shards that have no master any more: of slots that nobody remembers any of them may hold the keys.</summary>
    public static string? FindOfShardsWithoutMaster(ClusterView view) => FirstAlive(view, LostNotes(view).Select(note => note.Id));

    /// <summary>What is noted of nodes that do not answer, of shards that have no master any more.</summary>
    public static IEnumerable<MemberNote> LostNotes(ClusterView view) =>
        view.Observation.Objects.StatefulSets
            .Where(set => view.IsOurs(set) && ClusterMetadata.ShardOf(set.Metadata) is { } shard && view.MasterOf(shard) is null)
            .SelectMany(MemberNote.ReadAll)
            .Where(note => view.Find(note.Id) is null);

    static string? FirstAlive(ClusterView view, IEnumerable<NodeId> nodes)
    {
        foreach (var id in nodes.Where(id => view.Find(id) is null))
        {
            var fate = NodeFate.Of(view, id);
            if (fate.End != ProcessEnd.Proven && !IsBeingEnded(view, id, fate))
            {
                return $"{NodeTrace.Of(view, id)?.Pod ?? "it"} as node {id}, of which is known only: {fate.Words}";
            }
        }

        return null;
    }

    /// <summary>A kubelet that reports ends whatever has no pod (any more); nobody can bring such a process back, only wait until it is gone.</summary>
    static bool IsBeingEnded(ClusterView view, NodeId id, NodeFate fate) =>
        fate.End == ProcessEnd.Seen && NodeTrace.Of(view, id)?.Host is { } host && view.Observation.Host(host) is { IsReady: true };
}
