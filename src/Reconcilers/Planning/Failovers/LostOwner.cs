using Slotwise.Entities;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Failovers;

/// <summary>What is to become of the slots of a node that none of the pods is, although every pod answers.</summary>
/// <param name="Remedy">What is done about it.</param>
/// <param name="Words">Why, as in "slots 0-5460 WORDS".</param>
sealed record LostOwner(LostSlotsRemedy Remedy, string Words)
{
    /// <summary>Who serves them: the master of the same shard, which has nothing else.</summary>
    public Member? Heir { get; init; }

    public static LostOwner Judge(ClusterView view, NodeId owner)
    {
        if (view.Members.FirstOrDefault(member => member.Server.Myself.MasterId == owner) is { } replica)
        {
            return new LostOwner(LostSlotsRemedy.Wait, $"their owner {owner} does not answer, and {replica} has not replaced it yet");
        }

        if (view.Spec.Recovery.LostSlots == LostSlotsPolicy.Manual)
        {
            return new LostOwner(
                LostSlotsRemedy.Ask,
                $"belong to node {owner}, which none of the pods is, and no replica of it is left: their keys are gone unless that node comes back, as with its volume; to give the keys up and serve the slots empty, set spec.recovery.lostSlots to Reassign");
        }

        if (Remains.Find(view, owner) is { } alive)
        {
            return new LostOwner(LostSlotsRemedy.Wait, $"their keys may be with {alive}");
        }

        var pod = NodeTrace.Of(view, owner)?.Pod ?? "";
        var heir = view.Masters.Where(master => pod.StartsWith($"{ClusterNames.Shard(view.Observation.Key.Name, master.Shard)}-", StringComparison.Ordinal) && !master.Server.Info.IsLoading)
            .OrderByDescending(master => master.Server.Slots.Count)
            .FirstOrDefault();
        return new LostOwner(LostSlotsRemedy.ServeEmpty, "") { Heir = heir };
    }
}

/// <summary>What is done about slots whose owner is gone.</summary>
enum LostSlotsRemedy
{
    /// <summary>Their keys may still be somewhere.</summary>
    Wait,

    /// <summary>The user decides.</summary>
    Ask,

    /// <summary>Their keys are gone, and the user wants them served without.</summary>
    ServeEmpty,
}
