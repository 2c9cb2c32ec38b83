using System.ComponentModel.DataAnnotations;

namespace Slotwise.Entities;

/// <summary>How slots are spread over the shards.</summary>
public sealed record RedisClusterRebalance
{
    /// <summary>Auto moves slots whenever shards differ by more than the tolerance; Manual moves them only to empty shards that are removed.</summary>
    public RebalanceMode Mode { get; init; }

    /// <summary>Moves between different pairs of shards that run at a time, 1 to 50. More is faster and takes more of the servers' time.</summary>
    [Range(1, 50)]
    public int MaxParallelMoves { get; set; } = 4;

    /// <summary>How far the slots of a shard may be from the mean before they are moved, in percent of the mean, 0 to 50.</summary>
    [Range(0, 50)]
    public int TolerancePercent { get; set; } = 2;
}

/// <summary>Who decides that slots move.</summary>
public enum RebalanceMode
{
    Auto,
    Manual,
}
