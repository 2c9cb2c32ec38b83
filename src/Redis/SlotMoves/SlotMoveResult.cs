namespace Slotwise.Redis.SlotMoves;

/// <summary>How far a call of a mover got.</summary>
/// <param name="Moved">The slots whose owner both servers now say is the target.</param>
/// <param name="Keys">How many keys were sent.</param>
/// <param name="Obstacles">Why other slots did not move; empty where it was only the time.</param>
public sealed record SlotMoveResult(SlotSet Moved, long Keys, IReadOnlyList<SlotMoveObstacle> Obstacles)
{
    /// <summary>The slots for which a server began a job.</summary>
    public SlotSet Started { get; init; } = SlotSet.Empty;

    /// <summary>Nothing was done, as what was planned does not fit what the servers say.</summary>
    internal static SlotMoveResult NotReady(string reason) =>
        new(SlotSet.Empty, 0, [new SlotMoveObstacle(SlotMoveObstacleKind.NotReady, SlotSet.Empty, reason)]);
}

/// <summary>Why slots did not move.</summary>
/// <param name="Kind">What sort of reason.</param>
/// <param name="Slots">The slots; empty where none can move.</param>
/// <param name="Message">What is the matter, with slots and numbers, never with keys.</param>
public sealed record SlotMoveObstacle(SlotMoveObstacleKind Kind, SlotSet Slots, string Message)
{
    /// <summary>Of a key that is large: how long the two servers would stand still for it.</summary>
    public TimeSpan Stall { get; init; }
}

/// <summary>The sorts of reasons why slots do not move; those that somebody has to do something about come first.</summary>
public enum SlotMoveObstacleKind
{
    /// <summary>A key would hold both servers up for longer than allowed.</summary>
    LargeKey,

    /// <summary>The target has another value under a key that the source holds too.</summary>
    KeyConflict,

    /// <summary>The target has no room.</summary>
    NoMemory,

    /// <summary>A user lacks a right: the server still has an older list of users.</summary>
    NoPermission,

    /// <summary>A server refused or could not reach the other one; it may do so next time.</summary>
    Refused,

    /// <summary>The two servers are not in a state to begin, or the slots are not theirs: what was planned is out of date.</summary>
    NotReady,
}
