namespace Slotwise.Redis.SlotMoves;

/// <summary>A job in which a server moves slots by itself, as that server reports it. It is in its memory only and gone after a restart.</summary>
/// <param name="Id">The job's name (Valkey) or the task's id (Redis).</param>
/// <param name="Method">Whose kind of job it is.</param>
/// <param name="IsExport">Whether the server that reports it gives the slots away; false where it takes them.</param>
/// <param name="Slots">What is moved.</param>
/// <param name="Source">Who gives; null where the server does not say.</param>
/// <param name="Target">Who takes; null where the server does not say.</param>
/// <param name="State">How far it is.</param>
/// <param name="Message">The server's own words about its state or its last error; empty if there are none.</param>
/// <param name="UpdatedAt">When it last went on, by the server's clock; null where the server does not say.</param>
public sealed record SlotMoveJob(
    string Id,
    SlotMoveMethod Method,
    bool IsExport,
    SlotSet Slots,
    NodeId? Source,
    NodeId? Target,
    SlotMoveJobState State,
    string Message,
    DateTimeOffset? UpdatedAt);

/// <summary>How far a job is.</summary>
public enum SlotMoveJobState
{
    /// <summary>Anything that is not known to be an end: servers add stages.</summary>
    InProgress,

    /// <summary>The slots have moved.</summary>
    Done,

    /// <summary>It ended without moving them. Redis tries a failed import again every second until it is cancelled.</summary>
    Failed,

    /// <summary>Somebody ended it.</summary>
    Cancelled,
}
