namespace Slotwise.Redis.SlotMoves;

/// <summary>What to move, between whom, and within which bounds.</summary>
public sealed record SlotMove
{
    /// <summary>The longest that a server may stand still for one key before the move of its slot is refused; 30 s.</summary>
    public static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(30);

    /// <summary>Who gives.</summary>
    public required SlotMoveEnd Source { get; init; }

    /// <summary>Who takes.</summary>
    public required SlotMoveEnd Target { get; init; }

    /// <summary>The slots; those that have moved already are left out by the mover.</summary>
    public required SlotSet Slots { get; init; }

    /// <summary>Whom the source shall be at the target when it sends keys (MIGRATE AUTH2); null for nobody.</summary>
    public RedisCredentials? Credentials { get; init; }

    /// <summary>After this time nothing new is begun.</summary>
    public TimeSpan Slice { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long both servers may stand still for one key. Above a quarter of cluster-node-timeout the other nodes begin to suspect them, so
    /// whoever allows more must have raised that first.
    /// </summary>
    public required TimeSpan MaxStall { get; init; }

    /// <summary>Whether the target may evict keys to make room, which loses them.</summary>
    public bool AllowEviction { get; init; }
}

/// <summary>One side of a move.</summary>
/// <param name="Session">The connection on which the server proved who it is.</param>
/// <param name="Id">Its node id.</param>
public sealed record SlotMoveEnd(IRedisSession Session, NodeId Id);
