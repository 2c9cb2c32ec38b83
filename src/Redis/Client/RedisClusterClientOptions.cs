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

    /// <summary>How many connections there may be to one node; at least 1.</summary>
    public int MaxConnectionsPerNode { get; init; } = 8;

    /// <summary>How many connections there may be in all; at least 1. Those that nobody uses make way for those that are needed.</summary>
    public int MaxConnections { get; init; } = 128;

    /// <summary>How long a call waits for one of the connections when all that there may be are in use; 5 s. Then it fails with <see cref="RedisBusyException"/>.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many commands go to a node in one write.</summary>
    public int MaxBatch { get; init; } = 1000;

    /// <summary>
    /// Where a node is reached that announces itself at an address. For clients outside of the nodes' network, as behind port-forwards; by default
    /// where it says.
    /// </summary>
    public Func<RedisEndpoint, RedisEndpoint> Remap { get; init; } = announced => announced;

    /// <summary>
    /// Where else to look when no node that is known answers any more, such as after all of them have got other addresses at once; what a name lookup
    /// is to other clients. By default nowhere.
    /// </summary>
    public Func<CancellationToken, Task<IReadOnlyList<RedisEndpoint>>> FindSeedsAsync { get; init; } = _ => Task.FromResult<IReadOnlyList<RedisEndpoint>>([]);
}
