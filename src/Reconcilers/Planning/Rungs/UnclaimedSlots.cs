using Slotwise.Reconcilers.Planning.Failovers;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 7: slots of a cluster that had all of them given away once and that no master claims: its nodes.conf lost them, somebody deleted them, or they came free with a node that was
/// forgotten. Before rung 8, which needs an owner for every open slot. They go where their keys are, and only while every pod answers: a silent one may
/// own them or hold their keys. Those of an owner that is gone with all its replicas are lost, and served empty only if the user has it so; but where nothing
/// of the cluster is left at all nothing could be brought back, so then they are served in any case.
/// </summary>
public static class UnclaimedSlots
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var unclaimed = view.Claims.Claimed.Complement();
        if (!view.WasFounded || unclaimed.IsEmpty || view.Absent.Count > 0)
        {
            return RungAnswer.Nothing;
        }

        var beliefs = Beliefs(view, unclaimed);
        var lost = new SlotGroups<string>();
        var conflicts = new SlotGroups<string>();
        var waits = new SlotGroups<string>();
        var given = new SlotGroups<Member>();
        var reassigned = new SlotGroups<Member>();
        var free = SlotSet.Empty;
        var owners = new SortedDictionary<NodeId, LostOwner>();
        foreach (var slots in Parts(unclaimed, [.. beliefs.Values, view.Observation.Keys.Asked, .. view.Observation.Keys.Held.Values]))
        {
            var slot = slots.First();
            var believed = beliefs.Where(belief => belief.Value.Contains(slot)).Select(belief => belief.Key).ToList();
            var stranger = believed.Where(id => view.Find(id) is null).Cast<NodeId?>().FirstOrDefault();
            if (stranger is { } gone && OwnerOf(gone) is { Remedy: not LostSlotsRemedy.ServeEmpty } owner)
            {
                (owner.Remedy == LostSlotsRemedy.Wait ? waits : lost).Add(owner.Words, slots);
                continue;
            }

            var holders = KeyHolders.Of(view, slot);
            if (holders.Silent is { } silent)
            {
                waits.Add($"{silent} did not say whether it holds keys of them", slots);
            }
            else if (holders.Members.Count > 1)
            {
                conflicts.Add(string.Join(" and ", holders.Members), slots);
            }
            else if (holders.Members is [var holder])
            {
                given.Add(holder, slots);
            }
            else if (stranger is { } former && OwnerOf(former).Heir is { } heir)
            {
                reassigned.Add(heir, slots);
            }
            else if (believed.Count == 0 || stranger is not null)
            {
                free = free.Union(slots);
            }
            else if (believed.Select(id => OwnerBy(view, id)).OfType<Member>().MaxBy(owner => owner.Server.Myself.ConfigEpoch) is { } mistaken)
            {
                given.Add(mistaken, slots);
            }
            else
            {
                waits.Add("they are changing hands", slots);
            }
        }

        ShareOut(view, free, given, reassigned, waits);
        return new RungAnswer(
            [
                .. given.Build().Where(group => !LostMaster.IsEmptied(view, group.Key)).Select(group => Recover(group.Key, group.Slots)),
                .. reassigned.Build().Select(group => Recover(group.Key, group.Slots) with { Loss = "all that had their keys are gone" }),
            ],
            [.. waits.Build().Select(group => new Wait("Uncovered", $"nobody claims slots {group.Slots}: {group.Key}", view.GossipInterval))],
            [
                .. lost.Build().Select(group => new Refusal("SlotsLost", $"slots {group.Slots} {group.Key}")),
                .. conflicts.Build().Select(group => new Refusal("SlotConflict", $"nobody claims slots {group.Slots} and {group.Key} hold keys of them: decide whose keys are right and have it claim the slots with CLUSTER ADDSLOTSRANGE")),
            ]);

        LostOwner OwnerOf(NodeId id)
        {
            if (!owners.TryGetValue(id, out var owner))
            {
                owners[id] = owner = LostOwner.Judge(view, id);
            }

            return owner;
        }
    }

    /// <summary>Slots that nobody remembers, without keys. If shards have no master any more, one of those that are gone had them.</summary>
    static void ShareOut(ClusterView view, SlotSet free, SlotGroups<Member> given, SlotGroups<Member> reassigned, SlotGroups<string> waits)
    {
        var isLoss = Remains.LostNotes(view).Any();
        var alive = isLoss ? Remains.FindOfShardsWithoutMaster(view) : null;
        foreach (var (member, slots) in Share(view, free).Where(share => !share.Slots.IsEmpty))
        {
            if (alive is not null)
            {
                waits.Add($"their keys may be with {alive}", slots);
            }
            else
            {
                (isLoss ? reassigned : given).Add(member, slots);
            }
        }
    }

    /// <summary>Slots in parts, by their first one, that each of some sets has as a whole or not at all: what holds for one of a part holds for all.</summary>
    static IEnumerable<SlotSet> Parts(SlotSet slots, IEnumerable<SlotSet> sets) => sets
        .Aggregate(
            (IEnumerable<SlotSet>)[slots],
            (parts, set) => parts.SelectMany(part => (SlotSet[])[part.Intersect(set), part.Except(set)]).Where(part => !part.IsEmpty).ToList())
        .OrderBy(part => part.First());

    static RecoverSlots Recover(Member master, SlotSet slots) => new(master.Reference, slots, master.Server.Nodes.CoveredSlots.Intersect(slots));

    /// <summary>What any server of ours believes that a node owns.</summary>
    static SortedDictionary<NodeId, SlotSet> Beliefs(ClusterView view, SlotSet unclaimed)
    {
        var beliefs = new SortedDictionary<NodeId, SlotSet>();
        foreach (var node in view.Members.SelectMany(member => member.Server.Nodes.Nodes).Where(node => node.Slots.Overlaps(unclaimed)))
        {
            beliefs[node.Id] = beliefs.GetValueOrDefault(node.Id, SlotSet.Empty).Union(node.Slots);
        }

        return beliefs;
    }

    static Member? OwnerBy(ClusterView view, NodeId id) => view.Find(id) switch
    {
        { Server: { IsMaster: true, Info.IsLoading: false } } master => master,
        { Server.Myself.MasterId: { } followed } when view.Find(followed) is { Server.IsMaster: true } leader => leader,
        _ => null,
    };

    /// <summary>Slots without keys, shared out so that those who own least get most.</summary>
    static IEnumerable<(Member Member, SlotSet Slots)> Share(ClusterView view, SlotSet free)
    {
        var leaders = Enumerable.Range(0, view.Spec.Shards)
            .Select(shard => view.MasterOf(shard) ?? view.Masters.FirstOrDefault(master => master.Shard == shard && !master.Server.Info.IsLoading))
            .OfType<Member>()
            .ToList();
        var shares = new int[leaders.Count];
        var poorest = new PriorityQueue<int, (int Slots, int Index)>(leaders.Select((leader, index) => (index, (leader.Server.Slots.Count, index))));
        for (var given = 0; given < free.Count && poorest.TryDequeue(out var index, out var owned); given++)
        {
            shares[index]++;
            poorest.Enqueue(index, (owned.Slots + 1, index));
        }

        for (var index = 0; index < leaders.Count; index++)
        {
            var share = free.Take(shares[index]);
            free = free.Except(share);
            yield return (leaders[index], share);
        }
    }
}
