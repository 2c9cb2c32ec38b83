namespace Slotwise.Redis;

/// <summary>
/// One connection per Redis node, opened when it is first needed and closed when it has been idle for two minutes, its key is forgotten, or its
/// endpoint or credentials change. A broken connection is replaced at the next use.
/// </summary>
public sealed class RedisConnectionPool : IRedisNodes, IAsyncDisposable
{
    /// <summary>How many connections may be being opened at a time.</summary>
    public const int MaxDials = 256;

    /// <summary>How long a connection may go unused before it is closed.</summary>
    public static readonly TimeSpan MaxIdle = TimeSpan.FromMinutes(2);

    static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    readonly RedisConnectionOptions _options;
    readonly SemaphoreSlim _dials = new(MaxDials);
    readonly Dictionary<string, PooledRedisNode> _nodes = [];
    readonly Lock _lock = new();
    readonly ITimer _sweeper;
    bool _isDisposed;

    public RedisConnectionPool(RedisConnectionOptions? options = null)
    {
        _options = options ?? RedisConnectionOptions.Default;
        _sweeper = _options.TimeProvider.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    /// <summary>How many keys the pool knows, connected or not.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _nodes.Count;
            }
        }
    }

    /// <inheritdoc/>
    public IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials)
    {
        PooledRedisNode? replaced;
        PooledRedisNode node;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_nodes.TryGetValue(key, out replaced) && replaced.Endpoint == endpoint && replaced.Credentials == credentials)
            {
                return replaced;
            }

            _nodes[key] = node = new PooledRedisNode(endpoint, credentials, _options, _dials);
        }

        replaced?.Retire();
        return node;
    }

    /// <inheritdoc/>
    public async Task<IRedisSession> OpenAsync(
        RedisEndpoint endpoint,
        RedisCredentials? credentials,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(timeout, _options.TimeProvider, cancellationToken);
        try
        {
            await _dials.WaitAsync(deadline.Token);
            try
            {
                return await RedisConnection.ConnectAsync(endpoint, credentials, _options, deadline.Token);
            }
            finally
            {
                _dials.Release();
            }
        }
        catch (OperationCanceledException e)
        {
            throw deadline.Explain(e, endpoint, "no connection", wasSent: false);
        }
    }

    /// <inheritdoc/>
    public void Forget(string key)
    {
        PooledRedisNode? node;
        lock (_lock)
        {
            _nodes.Remove(key, out node);
        }

        node?.Retire();
    }

    /// <summary>Closes every connection; batches in flight end first.</summary>
    public async ValueTask DisposeAsync()
    {
        List<PooledRedisNode> nodes;
        lock (_lock)
        {
            _isDisposed = true;
            nodes = [.. _nodes.Values];
            _nodes.Clear();
        }

        await _sweeper.DisposeAsync();
        nodes.ForEach(node => node.Retire());
    }

    void Sweep()
    {
        List<PooledRedisNode> idle = [];
        lock (_lock)
        {
            foreach (var (key, node) in _nodes)
            {
                if (node.IdleTime >= MaxIdle)
                {
                    idle.Add(node);
                    _nodes.Remove(key);
                }
            }
        }

        idle.ForEach(node => node.Retire());
    }
}
