using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 8: slots that a move left open. Nothing was remembered of it: what both sides say, and where keys are, decides. Where somebody besides the owner
/// holds keys the slot goes to them, as clients were sent there for new keys; where nobody does the marks are taken away, unless both sides agree that it moves.
/// </summary>
/// <remarks>
/// After rung 7, because only a slot with one owner can be closed or moved. What a replica says of open slots is left alone: it refuses to be told otherwise,
/// and as a master it will be asked again (valkey #998).
/// </remarks>
public static class OpenSlots
{
    /// <summary>Takes the marks away that lead nowhere: one batch per server.</summary>
    public static RungAnswer Close(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var closed = new SlotGroups<Member>();
        var redirected = new SlotGroups<(Member Member, NodeId Peer, bool IsOwner)>();
        var waits = new SlotGroups<string>();
        var conflicts = new SlotGroups<string>();
        foreach (var (slot, decision) in Decide(view))
        {
            decision.Closers.ForEach(closer => closed.Add(closer, slot));
            decision.Redirected.ForEach(redirect => redirected.Add(redirect, slot));
            if (decision.Silent is { } silent)
            {
                waits.Add(silent, slot);
            }

            if (decision.Conflict is { } conflict)
            {
                conflicts.Add(conflict, slot);
            }
        }

        return new RungAnswer(
            [
                .. redirected.Build().Select(group => new RedirectMove(group.Key.Member.Reference, group.Slots, group.Key.Peer, group.Key.IsOwner)),
                .. closed.Build().Select(group => new CloseSlots(group.Key.Reference, group.Slots)),
            ],
            [.. waits.Build().Select(group => new Wait("Asking", $"{group.Key} did not say of which open slots it holds keys: {group.Slots}", view.GossipInterval))],
            [.. conflicts.Build().Select(group => new Refusal("SlotConflict", $"slots {group.Slots} are open and {group.Key} all hold keys of them: decide whose keys are right and delete the others") { HidesKeys = true })]);
    }

    /// <summary>
    /// Finishes moves. It stands last of all that heals: a move takes long and may be refused again and again, and a server has only one step in a pass.
    /// </summary>
    public static RungAnswer Finish(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return RungAnswer.Of([.. Turns.Order(view.Observation.At, Moves(view)).Select(pair => Move(view, pair.Key.Source, pair.Key.Target, pair.Slots)).OfType<IStep>()]);
    }

    /// <summary>The moves that are finished here: of which slots, between whom.</summary>
    public static IReadOnlyList<((Member Source, Member Target) Key, SlotSet Slots)> Moves(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var moves = new SlotGroups<(Member Source, Member Target)>();
        foreach (var (slot, decision) in Decide(view))
        {
            // What is moved to or from a master that another one is replacing is lost with it.
            if (decision is { Owner: { } owner, Target: { } target, Redirected: [] } && !IsContested(view, owner) && !IsContested(view, target))
            {
                moves.Add((owner, target), slot);
            }
        }

        return moves.Build();
    }

    /// <summary>The slots that a master calls open, on either side of a move.</summary>
    public static SlotSet Of(Member master)
    {
        ArgumentNullException.ThrowIfNull(master);
        return SlotSet.Of([.. master.Server.Myself.Migrating.Concat(master.Server.Myself.Importing).Select(open => open.Slot)]);
    }

    static bool IsContested(ClusterView view, Member master) => master.Server.Slots.Overlaps(view.Claims.Contested);

    static MoveSlots? Move(ClusterView view, Member source, Member target, SlotSet slots) => view.StatefulSet(source.Shard) is not { } set ? null : new MoveSlots(
        source.Party,
        target.Party,
        slots,
        SlotMoveMethod.SetSlot,
        [.. view.Members.Where(other => other != source && other != target).Select(other => other.Party)],
        StatefulSetReference.Of(set))
    {
        NodeTimeout = RedisConfig.NodeTimeout(view.Spec),
        AllowEviction = MemoryCheck.AllowsEviction(view),
    };

    static IEnumerable<(int Slot, Decision Decision)> Decide(ClusterView view)
    {
        var open = new SortedDictionary<int, List<Mark>>();
        foreach (var master in view.Masters)
        {
            foreach (var slot in master.Server.Myself.Migrating)
            {
                Marks(slot.Slot).Add(new Mark(master, slot.Peer, Gives: true));
            }

            foreach (var slot in master.Server.Myself.Importing)
            {
                Marks(slot.Slot).Add(new Mark(master, slot.Peer, Gives: false));
            }
        }

        // A slot without a single owner is the rung's above.
        return open.Where(slot => view.Claims.OwnerOf(slot.Key) is not null).Select(slot => (slot.Key, DecideOne(view, slot.Key, slot.Value)));

        List<Mark> Marks(int slot)
        {
            if (!open.TryGetValue(slot, out var marks))
            {
                open[slot] = marks = [];
            }

            return marks;
        }
    }

    static Decision DecideOne(ClusterView view, int slot, List<Mark> marks)
    {
        var owner = view.Claims.OwnerOf(slot)!;
        var holders = KeyHolders.Of(view, slot);
        if (holders.Silent is { } silent)
        {
            return new Decision(owner) { Silent = silent.ToString() };
        }

        var others = holders.Members.Where(holder => holder != owner).ToList();
        if (others.Count > 1)
        {
            return new Decision(owner) { Conflict = string.Join(" and ", holders.Members) };
        }

        var target = others.FirstOrDefault() ?? AgreedTarget(owner, marks);

        // The mark is all that leads to keys which only a silent node has: without it clients take them for gone, and write others in their place.
        if (marks.Find(mark => mark.Gives && mark.Member == owner && mark.Peer != target?.Id) is { } gift && MayHoldKeys(view, gift.Peer))
        {
            return new Decision(owner) { Silent = $"node {gift.Peer}" };
        }

        return new Decision(owner)
        {
            Target = target,
            Closers = [.. marks.Select(mark => mark.Member).Where(member => target is null || (member != owner && member != target)).Distinct()],
            Redirected = target is null ? [] : [.. marks.Where(mark => Misleads(mark, owner, target)).Select(mark => (mark.Member, mark.Gives ? target.Id : owner.Id, mark.Gives))],
        };
    }

    /// <summary>
    /// Whether keys may be at a node that did not answer as a master. They are not where another one of its shard was elected in its place: whatever comes back under
    /// that id becomes a replica.
    /// </summary>
    static bool MayHoldKeys(ClusterView view, NodeId id) => view.Find(id) is { } member
        ? member.Server.Myself.MasterId is { } master && view.Find(master) is not { Server.IsMaster: true }
        : (Ghosts.MayReturn(view, id) || Ghosts.IsFollowed(view, id)) && !IsReplaced(view, id);

    static bool IsReplaced(ClusterView view, NodeId id)
    {
        var known = view.Members.Select(member => member.Server.Nodes.Find(id)).OfType<ClusterNode>().ToList();
        return Ghosts.PodOf(view, id) is { } pod
            && view.Masters.Any(master => !master.Server.Slots.IsEmpty
                && pod.StartsWith(ClusterNames.Shard(view.Observation.Key.Name, master.Shard) + "-", StringComparison.Ordinal)
                && known.TrueForAll(node => node.Slots.IsEmpty && node.ConfigEpoch < master.Server.Myself.ConfigEpoch));
    }

    /// <summary>Whether one of the two sides names somebody else as the other.</summary>
    static bool Misleads(Mark mark, Member owner, Member target) =>
        (mark.Gives && mark.Member == owner && mark.Peer != target.Id) || (!mark.Gives && mark.Member == target && mark.Peer != owner.Id);

    /// <summary>Whom the owner gives the slot to and who is ready to take it.</summary>
    static Member? AgreedTarget(Member owner, List<Mark> marks) =>
        marks.FirstOrDefault(mark => mark.Gives && mark.Member == owner) is { } gift
            ? marks.FirstOrDefault(mark => !mark.Gives && mark.Member.Id == gift.Peer)?.Member
            : null;

    /// <summary>What one master says of an open slot: that it gives it to a node, or that it takes it from one.</summary>
    sealed record Mark(Member Member, NodeId Peer, bool Gives);

    sealed record Decision(Member Owner)
    {
        /// <summary>Where the slot goes; null if it stays.</summary>
        public Member? Target { get; init; }

        /// <summary>Whose marks lead nowhere.</summary>
        public List<Member> Closers { get; init; } = [];

        /// <summary>Whose marks must name another node first.</summary>
        public List<(Member Member, NodeId Peer, bool IsOwner)> Redirected { get; init; } = [];

        /// <summary>Who may hold keys of the slot and did not say.</summary>
        public string? Silent { get; init; }

        public string? Conflict { get; init; }
    }
}
