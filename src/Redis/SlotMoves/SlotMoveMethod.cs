namespace Slotwise.Redis.SlotMoves;

/// <summary>The ways in which slots get from one master to another.</summary>
public enum SlotMoveMethod
{
    /// <summary>CLUSTER SETSLOT and MIGRATE: key by key, driven from outside. Every server can do it.</summary>
    SetSlot,

    /// <summary>CLUSTER MIGRATESLOTS: a job of the source, all slots at once (Valkey 9.0).</summary>
    ValkeyJob,

    /// <summary>CLUSTER MIGRATION IMPORT: a task of the target, all slots at once (Redis 8.4).</summary>
    RedisTask,
}
