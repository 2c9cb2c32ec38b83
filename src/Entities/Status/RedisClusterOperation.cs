namespace Slotwise.Entities;

/// <summary>A change of the cluster that takes several passes.</summary>
public sealed record RedisClusterOperation
{
    /// <summary>What it is, in one word, such as Forming, ScalingOut, ScalingIn, Rebalancing, Updating.</summary>
    public required string Kind { get; init; }

    /// <summary>Slots that are still to be moved; absent where no slots move.</summary>
    public int? SlotsRemaining { get; init; }

    /// <summary>Pods that are still to be replaced; absent where none are.</summary>
    public int? PodsRemaining { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset? StartTime { get; init; }
}
