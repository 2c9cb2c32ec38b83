using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 7: introduces servers to each other. Everybody is told of everybody at once: gossip alone would take seconds. A second greeting
/// between two that know each other changes nothing but carries the sender's role and slots along, where the next ping may be seconds
/// away; so it is also how a change of role is spread.
/// </summary>
/// <remarks>Only servers that answered, are not loading and proved who they are meet; the step has both prove it once more.</remarks>
public static class Meeting
{
    /// <summary>Greetings that one server is asked to send in one pass; the rest follows, and gossip helps meanwhile.</summary>
    const int MaxGreetings = 64;

    /// <summary>Up to this many servers greet each other in both directions, which saves a tick of gossip at the price of connections.</summary>
    const int SmallCrowd = 20;

    /// <summary>How long after the start of a server its news are hurried along; later, pings spread them in time.</summary>
    static readonly TimeSpan Youth = TimeSpan.FromMinutes(1);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var present = view.Members.Where(member => !member.Server.Info.IsLoading && !Founding.IsAwaitingSlots(view, member)).ToList();
        var isYoung = view.YoungestServer < Youth;
        var steps = new List<IStep>();
        var strangers = 0;
        foreach (var sender in present)
        {
            var peers = new List<Peer>();
            foreach (var receiver in present)
            {
                if (ReferenceEquals(sender, receiver))
                {
                    continue;
                }

                var isUnknown = !Knows(sender, receiver);
                strangers += isUnknown ? 1 : 0;
                var greets = isUnknown
                    ? present.Count <= SmallCrowd || Knows(receiver, sender) || GoesFirst(sender, receiver)
                    : isYoung && HasOldNewsOf(view, receiver, sender);
                if (greets && !IsGreeting(sender, receiver) && peers.Count < MaxGreetings)
                {
                    peers.Add(new Peer(receiver.Reference, receiver.Server.BusPort));
                }
            }

            if (peers.Count > 0)
            {
                steps.Add(new MeetNodes(sender.Reference, peers));
            }
        }

        return strangers == 0
            ? RungAnswer.Of(steps)
            : new RungAnswer(steps, [new Wait("Meeting", $"{present.Count} nodes are being introduced to each other", view.GossipInterval)], []);
    }

    /// <summary>Whether <paramref name="one"/> has the other in its table, at the address where it is now.</summary>
    static bool Knows(Member one, Member other) =>
        one.Server.Nodes.Find(other.Id) is { IsInHandshake: false, HasNoAddress: false } entry && entry.Ip == other.Address;

    /// <summary>
    /// In a crowd one of two that do not know each other greets, or each would open a connection too many. It learns the other's slots in the course of it
    /// and the other not yet its own, so the one without slots goes first.
    /// </summary>
    static bool GoesFirst(Member one, Member other) => one.Server.Slots.IsEmpty != other.Server.Slots.IsEmpty
        ? one.Server.Slots.IsEmpty
        : one.Id < other.Id;

    /// <summary>Whether a greeting is under way already.</summary>
    static bool IsGreeting(Member sender, Member receiver) =>
        sender.Server.Nodes.Nodes.Any(node => node.IsInHandshake && node.Ip == receiver.Address);

    /// <summary>
    /// Whether the witness does not know yet what the other says of itself. What it has better reasons to doubt, a higher epoch,
    /// no greeting will change.
    /// </summary>
    static bool HasOldNewsOf(ClusterView view, Member witness, Member other)
    {
        if (witness.Server.Nodes.Find(other.Id) is not { IsInHandshake: false } believed)
        {
            return false;
        }

        var own = other.Server.Myself;
        if (believed.IsMaster != own.IsMaster || believed.MasterId != own.MasterId)
        {
            // Those who vote need to know first whom a replica follows, and in a large cluster everybody at once is a flood.
            return IsVoter(witness) || view.IsFormed;
        }

        // Of a slot that it imports it believes nothing that it is told.
        var missing = own.Slots.Except(believed.Slots).Except(SlotSet.Of([.. witness.Server.Myself.Importing.Select(open => open.Slot)]));
        return !missing.IsEmpty && !missing.Overlaps(witness.Server.Nodes.CoveredSlots);
    }

    static bool IsVoter(Member member) => member.Server is { IsMaster: true, Slots.IsEmpty: false };
}
