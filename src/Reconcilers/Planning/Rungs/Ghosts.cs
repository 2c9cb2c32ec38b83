using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 10: forgets node ids that no pod has any more, on every server at once. After all rungs that mend, because what is forgotten takes its slots,
/// its followers and the peers of open slots with it: whatever of that still matters has been dealt with above, or keeps the node here.
/// </summary>
public static class Ghosts
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var ghosts = new SortedDictionary<NodeId, bool>();
        var steps = new List<IStep>();
        foreach (var member in view.Members)
        {
            var forgotten = new List<NodeId>();
            foreach (var node in member.Server.Nodes.Nodes)
            {
                if (node.IsInHandshake || view.Find(node.Id) is not null)
                {
                    continue;
                }

                if (!ghosts.TryGetValue(node.Id, out var canGo))
                {
                    ghosts[node.Id] = canGo = CanGo(view, node.Id);
                }

                if (canGo)
                {
                    forgotten.Add(node.Id);
                }
            }

            if (forgotten.Count > 0)
            {
                steps.Add(new ForgetNodes(member.Reference, forgotten, AreForeign: false));
            }
        }

        return RungAnswer.Of(steps);
    }

    static bool CanGo(ClusterView view, NodeId ghost) => !OwnsSlots(view, ghost) && !IsFollowed(view, ghost) && !IsPeerOfOpenSlot(view, ghost) && !MayReturn(view, ghost);

    static bool OwnsSlots(ClusterView view, NodeId ghost) => view.Members.Any(member => member.Server.Nodes.Find(ghost) is { Slots.IsEmpty: false });

    /// <summary>A failed master that is forgotten has no voters left who would elect its replica (valkey-operator #43); of servers that answer their own word counts.</summary>
    internal static bool IsFollowed(ClusterView view, NodeId ghost) => view.Members.Any(member =>
        member.Server.Myself.MasterId == ghost
        || member.Server.Nodes.Nodes.Any(node => node.MasterId == ghost && view.Find(node.Id) is null));

    /// <summary>Forgetting it would close the slot and leave keys behind that nobody looks for.</summary>
    internal static bool IsPeerOfOpenSlot(ClusterView view, NodeId ghost) => view.Members.Any(member =>
        member.Server.IsMaster && member.Server.Myself.Migrating.Concat(member.Server.Myself.Importing).Any(open => open.Peer == ghost));

    /// <summary>Whether a pod that does not answer may be it: the pod whose name it announced or, where that is no name of ours, any.</summary>
    internal static bool MayReturn(ClusterView view, NodeId ghost) => PodOf(view, ghost) is { } pod ? view.Absent.Contains(pod) : view.Absent.Count > 0;

    /// <summary>The pod whose name the node announced; null where that is no name of ours.</summary>
    internal static string? PodOf(ClusterView view, NodeId node)
    {
        var hostname = view.Members.Select(member => member.Server.Nodes.Find(node)?.Hostname).FirstOrDefault(name => !string.IsNullOrEmpty(name)) ?? "";
        var pod = hostname.Split('.')[0];
        return hostname == ClusterNames.StableHost(view.Observation.Key, pod) ? pod : null;
    }
}
