namespace Slotwise.Entities;

/// <summary>One shard, as its servers describe it.</summary>
public sealed record RedisClusterShardStatus
{
    /// <summary>The shard's index, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The pod whose server is the master now; absent while there is none.</summary>
    public string? Master { get; init; }

    /// <summary>The pods whose servers are its replicas now.</summary>
    [AtomicList]
    public IReadOnlyList<string> Replicas { get; init => field = value ?? []; } = [];

    /// <summary>The slots that it owns as ranges, such as 0-5460.</summary>
    public string? Slots { get; init; }
}
