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
        var master = view.Masters.FirstOrDefault(master => CanBeRaised(view, master) && (IsDisbelieved(view, master) || GivesWay(view, master)));
        return master is null
            ? RungAnswer.Nothing
            : RungAnswer.Of([new RaiseEpoch(master.Reference, master.Server.Myself.ConfigEpoch, master.Server.Slots)]);
    }

    static bool CanBeRaised(ClusterView view, Member master) =>
        master.Server is { Slots.IsEmpty: false, Info.IsLoading: false } && !master.Server.Slots.Overlaps(view.Claims.Contested);

    /// <summary>Whether somebody takes another node for the owner of its slots that does not claim them, and will go on doing so because of that one's epoch.</summary>
    static bool IsDisbelieved(ClusterView view, Member master)
    {
        foreach (var witness in view.Members)
        {
            var open = SlotSet.Of([.. witness.Server.Myself.Importing.Select(slot => slot.Slot)]);
            foreach (var node in witness.Server.Nodes.Nodes)
            {
                if (node.Id != master.Id
                    && node.ConfigEpoch >= master.Server.Myself.ConfigEpoch
                    && node.Slots.Except(open).Overlaps(master.Server.Slots)
                    && (view.Find(node.Id) is not null || view.Absent.Count == 0))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether another master has the same epoch, and this is the one of the two that Redis itself would have raised.</summary>
    static bool GivesWay(ClusterView view, Member master) => master.Server.Info.Uptime > SettledWithin && view.Masters.Any(other =>
        other.Server is { Slots.IsEmpty: false } && other.Server.Info.Uptime > SettledWithin
        && other.Server.Myself.ConfigEpoch == master.Server.Myself.ConfigEpoch
        && master.Id < other.Id);
}
