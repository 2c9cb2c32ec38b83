namespace Slotwise.Redis.SlotMoves;

/// <summary>How the slots of a move stand between two servers, by what both say themselves.</summary>
sealed class SlotSituation
{
    readonly ClusterNode _source;
    readonly ClusterNode _target;
    readonly SlotSet _migrating;
    readonly SlotSet _importing;

    SlotSituation(SlotMove move, ClusterNode source, ClusterNode target, SlotSet knownToTarget, bool isTargetValkey)
    {
        IsTargetValkey = isTargetValkey;
        _source = source;
        _target = target;
        _migrating = Towards(source.Migrating, move.Target.Id);
        _importing = Towards(target.Importing, move.Source.Id);
        Elsewhere = move.Slots.Intersect(All(source.Migrating)).Except(_migrating);

        // A source that heard by gossip of the new owner goes on calling the slot migrating until it is told itself (Redis up to 8.0).
        var ours = move.Slots.Intersect(source.Slots.Union(_migrating.Intersect(target.Slots))).Except(Elsewhere);
        Moved = move.Slots.Intersect(target.Slots).Except(ours).Except(Elsewhere);
        Open = ours.Intersect(_migrating.Union(_importing).Union(target.Slots));
        Closed = ours.Except(Open);
        Strange = move.Slots.Except(Moved).Except(Elsewhere).Except(ours);
        UnknownToTarget = ours.Except(knownToTarget);
    }

    public bool IsTargetValkey { get; }

    /// <summary>Whether the target owns any slot yet. While it owns none, nobody would elect its replica, whatever keys both hold.</summary>
    public bool IsTargetVoter => !_target.Slots.IsEmpty;

    /// <summary>
    /// Slots that have no owner in the target's table. It refuses keys of them, and a slot that it imports is not rebound by gossip: so it has to be told.
    /// </summary>
    public SlotSet UnknownToTarget { get; }

    /// <summary>Slots that the target owns and the source no longer claims: nothing is left to be done.</summary>
    public SlotSet Moved { get; }

    /// <summary>Slots whose move was begun, on one side or on both, or is complete but for the source's consent.</summary>
    public SlotSet Open { get; }

    /// <summary>Slots of the source that nobody has begun to move.</summary>
    public SlotSet Closed { get; }

    /// <summary>Slots that the source is giving to somebody else, who may have keys of them already.</summary>
    public SlotSet Elsewhere { get; }

    /// <summary>Slots that neither of the two owns.</summary>
    public SlotSet Strange { get; }

    /// <summary>Why some of the slots are not for these two to move.</summary>
    public IReadOnlyList<SlotMoveObstacle> Obstacles
    {
        get
        {
            var obstacles = new List<SlotMoveObstacle>();
            if (!Elsewhere.IsEmpty)
            {
                obstacles.Add(new SlotMoveObstacle(SlotMoveObstacleKind.NotReady, Elsewhere, $"slots {Elsewhere} are being moved to another node"));
            }

            if (!Strange.IsEmpty)
            {
                obstacles.Add(new SlotMoveObstacle(SlotMoveObstacleKind.NotReady, Strange, $"slots {Strange} are owned by neither"));
            }

            return obstacles;
        }
    }

    /// <summary>Compares both views; false with the reason where nothing can be moved between these two now.</summary>
    public static bool TryRead(SlotMove move, SlotMoveView source, SlotMoveView target, out SlotSituation situation, out string reason)
    {
        situation = null!;
        reason = Doubt(source, move.Source.Id, move.Target.Id) ?? Doubt(target, move.Target.Id, move.Source.Id) ?? DoubtEpochs(source, target) ?? "";
        if (reason.Length > 0)
        {
            return false;
        }

        situation = new SlotSituation(move, source.Nodes.Myself!, target.Nodes.Myself!, target.Nodes.CoveredSlots, target.IsValkey);
        return true;
    }

    public bool IsOwnedByTarget(int slot) => _target.Slots.Contains(slot);

    public bool IsImporting(int slot) => _importing.Contains(slot);

    public bool IsMigrating(int slot) => _migrating.Contains(slot);

    static string? Doubt(SlotMoveView view, NodeId id, NodeId other)
    {
        if (view.Nodes.Myself is not { } myself || myself.Id != id)
        {
            return $"the server is not node {id}";
        }

        if (!myself.IsMaster)
        {
            return $"{view.Endpoint} is not a master any more";
        }

        // A target that does not serve would leave the slot open with clients sent from one to the other.
        if (!view.Cluster.IsOk)
        {
            return $"{view.Endpoint} does not serve: its cluster_state is not ok";
        }

        return view.Nodes.Find(other) is { IsMaster: true, HasFailed: false } ? null : $"{view.Endpoint} does not know {other} as a living master";
    }

    /// <summary>
    /// The target raises its epoch above all that it has heard of. If that is not above the source's, the next message of the source, sent before it gave
    /// the slot away, takes the slot back, and the target deletes the keys that it just got.
    /// </summary>
    static string? DoubtEpochs(SlotMoveView source, SlotMoveView target)
    {
        var epoch = source.Nodes.Myself!.ConfigEpoch;
        if (target.Nodes.Find(source.Nodes.Myself.Id)!.ConfigEpoch < epoch)
        {
            return $"{target.Endpoint} has not heard yet of the newest epoch of {source.Endpoint}";
        }

        return target.Nodes.Myself!.ConfigEpoch == epoch ? $"{source.Endpoint} and {target.Endpoint} have the same epoch and have not settled yet who raises it" : null;
    }

    static SlotSet Towards(IReadOnlyList<OpenSlot> open, NodeId peer) => SlotSet.Of([.. open.Where(slot => slot.Peer == peer).Select(slot => slot.Slot)]);

    static SlotSet All(IReadOnlyList<OpenSlot> open) => SlotSet.Of([.. open.Select(slot => slot.Slot)]);
}
