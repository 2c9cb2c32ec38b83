using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>What <c>slotwise load</c> was asked for.</summary>
sealed record LoadOptions
{
    /// <summary>How long it writes; null until it is interrupted.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Commands a second in all; null for as many as there can be.</summary>
    public int? Rate { get; init; }

    public required int Connections { get; init; }

    public required int Keys { get; init; }

    public bool ReplicaReads { get; init; }

    /// <summary>Where nodes are reached that announce themselves elsewhere.</summary>
    public IReadOnlyDictionary<RedisEndpoint, RedisEndpoint> Map { get; init; } = new Dictionary<RedisEndpoint, RedisEndpoint>();
}
