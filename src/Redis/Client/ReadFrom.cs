namespace Slotwise.Redis;

/// <summary>Which node of a shard a command goes to.</summary>
public enum ReadFrom
{
    /// <summary>The master: every write, and every read that must see the writes acknowledged before it.</summary>
    Master,

    /// <summary>
    /// A replica if one answers, else the master. Replication is asynchronous, and a replica does not know that a slot of its master is being moved
    /// away: it may answer with an older value, or with none.
    /// </summary>
    Replica,
}
