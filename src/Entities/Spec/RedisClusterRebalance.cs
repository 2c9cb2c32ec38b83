using System.ComponentModel.DataAnnotations;

namespace Slotwise.Entities;

/// <summary>How slots are spread over the shards.</summary>
public sealed record RedisClusterRebalance
{
    /// <summary>
    /// Auto moves slots whenever shards differ by more than the tolerance. Manual only empties shards that are to be removed: what else would be moved is shown in the
    /// condition Balanced, and moved once the annotation slotwise.dev/approve-rebalance names that plan.
    /// </summary>
    public RebalanceMode Mode { get; init; }

    /// <summary>
    /// Moves that run at a time, each between two shards that take part in no other one, 1 to 50. More is faster and takes more of the servers' time.
    /// </summary>
    [Range(1, 50)]
    public int MaxParallelMoves { get; set; } = 4;

    /// <summary>
    /// How far the slots of a shard may be from the mean before any are moved, in percent of the mean, 0 to 50. Once some move, all shards get their exact share;
    /// an empty shard is always filled.
    /// </summary>
    [Range(0, 50)]
    public int TolerancePercent { get; set; } = 2;
}

/// <summary>Who decides that slots move.</summary>
public enum RebalanceMode
{
    Auto,
    Manual,
}
