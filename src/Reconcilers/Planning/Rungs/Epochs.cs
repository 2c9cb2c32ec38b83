using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 7: epochs that keep the others from believing the owner of a slot, and epochs that two masters share. After the claims are sorted out, because a
/// raised epoch makes everybody else who claims a slot of that master delete its keys. One at a time: two raised at once are the same again.
/// </summary>
public static class Epochs
{
    /// <summary>How long Redis has time to settle equal epochs by itself; it does so with the first ping between the two.</summary>
    static readonly TimeSpan SettledWithin = TimeSpan.FromMinutes(1);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var mistakes = view.IsFormed ? [] : FindMistakes(view);
        var master = view.Masters.FirstOrDefault(master => CanBeRaised(view, master) && (IsDisbelieved(mistakes, master) || GivesWay(view, master)));
        return master is null
            ? RungAnswer.Nothing
            : RungAnswer.Of([new RaiseEpoch(master.Reference, master.Server.Myself.ConfigEpoch, master.Server.Slots)]);
    }

    static bool CanBeRaised(ClusterView view, Member master) =>
        master.Server is { Slots.IsEmpty: false, Info.IsLoading: false } && !master.Server.Slots.Overlaps(view.Claims.Contested);

    /// <summary>Whether somebody takes another node for the owner of its slots that does not claim them, and will go on doing so because of that one's epoch.</summary>
    static bool IsDisbelieved(List<ClusterNode> mistakes, Member master) =>
        mistakes.Exists(node => node.Id != master.Id && node.ConfigEpoch >= master.Server.Myself.ConfigEpoch && node.Slots.Overlaps(master.Server.Slots));

    /// <summary>
    /// What servers believe of nodes that own less than that by their own word. Looked for once and not for each master: that would be the number of
    /// nodes to the third power.
    /// </summary>
    static List<ClusterNode> FindMistakes(ClusterView view)
    {
        var mistakes = new List<ClusterNode>();
        foreach (var witness in view.Members)
        {
            // Of a slot that it imports a server believes nothing that it is told.
            var open = SlotSet.Of([.. witness.Server.Myself.Importing.Select(slot => slot.Slot)]);
            foreach (var node in witness.Server.Nodes.Nodes)
            {
                var member = view.Find(node.Id);
                if (member is null ? !node.Slots.IsEmpty && view.Absent.Count == 0 : !node.Slots.IsSubsetOf(member.Server.Slots))
                {
                    mistakes.Add(node with { Slots = node.Slots.Except(open) });
                }
            }
        }

        return mistakes;
    }

    /// <summary>Whether another master has the same epoch, and this is the one of the two that Redis itself would have raised.</summary>
    static bool GivesWay(ClusterView view, Member master) => master.Server.Info.Uptime > SettledWithin && view.Masters.Any(other =>
        other.Server is { Slots.IsEmpty: false } && other.Server.Info.Uptime > SettledWithin
        && other.Server.Myself.ConfigEpoch == master.Server.Myself.ConfigEpoch
        && master.Id < other.Id);
}
