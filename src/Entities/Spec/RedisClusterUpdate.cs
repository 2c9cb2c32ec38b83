using System.ComponentModel.DataAnnotations;

namespace Slotwise.Entities;

/// <summary>How pods are replaced.</summary>
public sealed record RedisClusterUpdate
{
    /// <summary>
    /// Shards that may be disturbed at a time, 1 to 50; evictions by others count. Fewer are, where the masters left would be no majority.
    /// </summary>
    [Range(1, 50)]
    public int MaxParallelShards { get; set; } = 1;

    /// <summary>While true no pod is replaced; everything else goes on.</summary>
    public bool Paused { get; init; }
}
