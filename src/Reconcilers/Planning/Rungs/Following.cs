using Slotwise.Reconcilers.Status;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 9: attaches servers without slots to the master of their shard. A server's own keys are discarded when it follows, so it must
/// have none, or be a copy of a master that is alive.
/// </summary>
public static class Following
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var refusals = new List<Refusal>();
        foreach (var member in view.Members)
        {
            if (!member.Server.Slots.IsEmpty || member.Server.Info.IsLoading)
            {
                continue;
            }

            if (view.LeaderOf(member.Shard) is not { } master || master.Id == member.Id)
            {
                continue;
            }

            if (member.Server.Myself.MasterId == master.Id)
            {
                var isCutOff = NodeHealth.IsCutOff(view, master, member);
                if (FollowsOldAddress(member, master) && (isCutOff || !member.Server.Info.IsMasterLinkUp))
                {
                    steps.Add(Follow(view, member, master) with { IsAnew = true });
                }

                if (isCutOff || !member.Server.IsInSync)
                {
                    // A shard that is being emptied is not kept from it by a replica that will never be whole.
                    waits.Add(new Wait("Synchronizing", $"{member} is copying the keys of {master}", view.GossipInterval) { IsLocal = member.Shard >= view.Spec.Shards });
                }
            }
            else if (member.Server.Nodes.Find(master.Id) is not { IsInHandshake: false, IsMaster: true, HasNoAddress: false })
            {
                waits.Add(new Wait("Meeting", $"{member} does not know {master} as a master yet", view.GossipInterval));
            }
            else if (member.Server is { IsMaster: true, HoldsKeys: true })
            {
                refusals.Add(new Refusal(
                    "UnexpectedKeys",
                    $"{member} owns no slot but holds keys, which following {master} would discard: save what is needed, then flush it or delete its pod"));
            }
            else if (!member.Server.IsMaster && !IsCopyOfLiveMaster(view, member, master))
            {
                waits.Add(new Wait(
                    "MasterUnknown",
                    $"{member} follows node {member.Server.Myself.MasterId}, which does not answer: its copy may be the last one, so it is not attached to {master}",
                    view.GossipInterval));
            }
            else
            {
                steps.Add(Follow(view, member, master));
            }
        }

        return new RungAnswer(steps, waits, refusals);
    }

    static FollowMaster Follow(ClusterView view, Member member, Member master)
    {
        var voters = view.Members
            .Where(other => other.Server is { IsMaster: true, Slots.IsEmpty: false, Info.IsLoading: false })
            .Select(other => new Peer(other.Reference, other.Server.BusPort));
        return new FollowMaster(member.Reference, master.Reference, master.Id, [.. voters]);
    }

    /// <summary>
    /// Whether it knows where its master is and still copies, or waits, from where that was. A server that takes its master for failed learns its new address from third ones, and
    /// does not connect to it then (as Valkey does since 8.0); what it hears from the master afterwards is no news of an address any more. REPLICATE says it anew.
    /// </summary>
    static bool FollowsOldAddress(Member replica, Member master) =>
        replica.Server.Info is { IsReplica: true, MasterHost: { } host }
        && host != master.Address
        && replica.Server.Nodes.Find(master.Id) is { IsInHandshake: false, HasNoAddress: false } known
        && known.Ip == master.Address;

    /// <summary>
    /// Whether what it holds is held by others, too. It may still follow a former master, which now follows the new one as everybody else does, or is gone and was
    /// replaced by an election that this replica missed: then it is a copy of what was decided against.
    /// </summary>
    static bool IsCopyOfLiveMaster(ClusterView view, Member replica, Member master) =>
        !replica.Server.HoldsKeys
        || (replica.Server.Myself.MasterId is { } id
            && (view.Find(id) is { } followed ? followed.Server.IsMaster || followed.Server.Myself.MasterId == master.Id : IsRelieved(view, id)));

    /// <summary>
    /// Whether nobody takes a node that is gone for the owner of any slot any more, and all slots are served by others. One that never owned any may have been given
    /// keys of open slots, of which its replica then has the last copy.
    /// </summary>
    static bool IsRelieved(ClusterView view, NodeId gone) =>
        view.ServedSlots.IsFull && view.Absent.Count == 0 && !Ghosts.IsPeerOfOpenSlot(view, gone) && view.Members.All(member => member.Server.Nodes.Find(gone) is null or { Slots.IsEmpty: true });
}
