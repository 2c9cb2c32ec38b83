using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Simulation.Laws;

/// <summary>What a server may be that did not answer.</summary>
/// <param name="Pod">Its pod.</param>
/// <param name="Set">The StatefulSet of its pod.</param>
/// <param name="IsAlive">Whether it can come back with what follows; else all it had is gone.</param>
/// <param name="Id">The node id that it then has; null for one that nobody knows.</param>
/// <param name="Owns">The slots that it then owns.</param>
/// <param name="Holds">The slots of which it then has keys.</param>
sealed record PossibleWorld(string Pod, string Set, bool IsAlive, NodeId? Id, SlotSet Owns, SlotSet Holds)
{
    /// <summary>The ids that it may have had.</summary>
    public required IReadOnlyList<NodeId> Ids { get; init; }

    /// <summary>The slots of which somebody was sending keys to it.</summary>
    public SlotSet Gets { get; init; } = SlotSet.Empty;

    public bool WasId(NodeId id) => Ids.Contains(id);

    public override string ToString() => !IsAlive ? $"{Pod} is gone for good"
        : Owns.IsEmpty ? $"{Pod} comes back{(Id is null ? "" : $" as {Id}")} with keys of slots {Holds}"
        : $"{Pod} comes back{(Id is null ? "" : $" as {Id}")} with slots {Owns}";
}

/// <summary>Enumerates the worlds that fit an observation, one silent pod at a time: harm that needs two of them is harm of one already.</summary>
static class PossibleWorlds
{
    public static IEnumerable<PossibleWorld> Of(ClusterObservation observation, SilentPod pod)
    {
        var claimed = observation.Members.Where(member => member.Server!.IsMaster).Aggregate(SlotSet.Empty, (all, member) => all.Union(member.Server!.Slots));
        var free = claimed.Complement();
        var ids = IdsOf(observation, pod);
        yield return new PossibleWorld(pod.Name, pod.Set, false, null, SlotSet.Empty, SlotSet.Empty) { Ids = ids };
        if (!pod.MayHaveBeen)
        {
            yield break;
        }

        // Under an id that nobody has heard of it can own what nobody has heard of.
        var unheard = observation.Members.Any() ? free.Except(Believed(observation)) : free;
        yield return new PossibleWorld(pod.Name, pod.Set, true, null, unheard, unheard) { Ids = ids };
        foreach (var id in ids)
        {
            var believed = observation.Members.Select(member => member.Server!.Nodes.Find(id)).OfType<ClusterNode>().Aggregate(SlotSet.Empty, (all, node) => all.Union(node.Slots));
            var gets = Open(observation, id, server => server.Migrating);
            yield return new PossibleWorld(pod.Name, pod.Set, true, id, believed, believed.Union(gets).Union(Open(observation, id, server => server.Importing))) { Ids = ids, Gets = gets };
        }
    }

    /// <summary>Nodes that others know and none of them is; those that announced another pod's name, to whomever, are that one's.</summary>
    static List<NodeId> IdsOf(ClusterObservation observation, SilentPod pod)
    {
        var present = new SortedSet<NodeId>(observation.Members.Select(member => member.Server!.Id));
        var ids = new SortedSet<NodeId>();
        foreach (var entries in observation.Members.SelectMany(member => member.Server!.Nodes.Nodes).Where(node => !node.IsInHandshake && !present.Contains(node.Id)).GroupBy(node => node.Id))
        {
            var hostname = entries.Select(entry => entry.Hostname).FirstOrDefault(name => name.Length > 0) ?? "";
            var announced = hostname.Split('.')[0];
            if (announced == pod.Name || hostname != ClusterNames.StableHost(observation.Key, announced))
            {
                ids.Add(entries.Key);
            }
        }

        return [.. ids];
    }

    static SlotSet Believed(ClusterObservation observation) =>
        observation.Members.SelectMany(member => member.Server!.Nodes.Nodes).Aggregate(SlotSet.Empty, (all, node) => all.Union(node.Slots));

    /// <summary>The slots that are on their way between a node and others, by what the others say.</summary>
    static SlotSet Open(ClusterObservation observation, NodeId id, Func<ClusterNode, IEnumerable<OpenSlot>> marks) =>
        SlotSet.Of([.. observation.Members.SelectMany(member => marks(member.Server!.Myself)).Where(open => open.Peer == id).Select(open => open.Slot)]);
}
