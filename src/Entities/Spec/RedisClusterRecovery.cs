namespace Slotwise.Entities;

/// <summary>What the operator may do by itself when masters or slots are lost.</summary>
public sealed record RedisClusterRecovery
{
    /// <summary>
    /// When so many masters are gone that no vote is possible. Auto promotes a replica without a vote, only once it is proven that the old master has ended;
    /// with 1 or 2 shards this is the only failover there is. Manual reports it and waits.
    /// </summary>
    public QuorumLossPolicy QuorumLoss { get; init; }

    /// <summary>
    /// When slots are lost, because every copy of their keys is gone. Manual reports it and waits, so that the volumes may be brought back.
    /// Reassign gives the slots, empty, to the shards that are left.
    /// </summary>
    public LostSlotsPolicy LostSlots { get; init; }
}

/// <summary>Who acts when there is no majority of masters.</summary>
public enum QuorumLossPolicy
{
    Auto,
    Manual,
}

/// <summary>What is done about slots whose keys are gone.</summary>
public enum LostSlotsPolicy
{
    Manual,
    Reassign,
}
