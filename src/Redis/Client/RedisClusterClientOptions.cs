namespace Slotwise.Redis;

/// <summary>How a cluster client talks to the nodes.</summary>
public sealed record RedisClusterClientOptions
{
    public static readonly RedisClusterClientOptions Default = new();

    /// <summary>How connections are made; the time-outs are longer than an operator's, because a client would rather wait than fail.</summary>
    public RedisConnectionOptions Connection { get; init; } = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(1),
        CommandTimeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>For one call, all redirections and repetitions included; 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many connections there may be to one node.</summary>
    public int ConnectionsPerNode { get; init; } = 2;

    /// <summary>How many commands go to a node in one write.</summary>
    public int MaxBatch { get; init; } = 1000;
}
