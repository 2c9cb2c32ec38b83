using System.Globalization;

namespace Slotwise.Redis;

/// <summary>
/// The connections of a cluster client: so many to a node and so many in all. Whoever finds all in use waits in line; connections that nobody uses
/// are closed when another node needs one, and when they have been idle for long.
/// </summary>
sealed class ClientConnectionPool : IAsyncDisposable
{
    static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    readonly RedisClusterClientOptions _options;
    readonly RedisCredentials? _credentials;
    readonly Lock _lock = new();
    readonly Dictionary<RedisEndpoint, Node> _nodes = [];
    readonly LinkedList<Waiter> _waiting = new();
    readonly ITimer _sweeper;
    int _count;
    long _opened;
    bool _isDisposed;

    public ClientConnectionPool(RedisClusterClientOptions options, RedisCredentials? credentials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConnectionsPerNode, 1);
        _options = options;
        _credentials = credentials;
        _sweeper = Time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    /// <summary>How many connections are open or being opened.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>How many connections were ever opened.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    TimeProvider Time => _options.Connection.TimeProvider;

    /// <summary>A connection to the node for the caller alone; to be given back to <see cref="Return"/>.</summary>
    /// <exception cref="RedisBusyException">All that there may be stayed in use for too long.</exception>
    /// <exception cref="RedisConnectionException">The node cannot be reached.</exception>
    public async Task<ClientConnection> RentAsync(RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        var idle = await EnterAsync(endpoint, cancellationToken);
        if (idle is { IsUsable: true })
        {
            return idle;
        }

        idle?.Close();
        try
        {
            var connection = await RedisConnection.ConnectAsync(_options.Remap(endpoint), _credentials, _options.Connection, cancellationToken);
            Interlocked.Increment(ref _opened);
            return new ClientConnection(endpoint, connection);
        }
        catch
        {
            lock (_lock)
            {
                Drop(_nodes[endpoint]);
                ServeWaiting();
            }

            throw;
        }
    }

    /// <summary>Takes a connection back; a broken one is closed.</summary>
    public void Return(ClientConnection connection)
    {
        lock (_lock)
        {
            var node = _nodes[connection.Endpoint];
            if (connection.IsUsable && !_isDisposed)
            {
                connection.IdleSince = Time.GetTimestamp();
                node.Idle.Add(connection);
            }
            else
            {
                connection.Close();
                Drop(node);
            }

            ServeWaiting();
        }
    }

    /// <summary>Closes the idle connections now and the others when they are given back.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isDisposed = true;
            CloseIdle(_ => true);
        }

        await _sweeper.DisposeAsync();
    }

    /// <returns>An idle connection, or null for leave to open one.</returns>
    async Task<ClientConnection?> EnterAsync(RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> place;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (TryEnter(endpoint, out var idle))
            {
                return idle;
            }

            place = _waiting.AddLast(new Waiter(endpoint));
        }

        using var deadline = new Deadline(_options.BusyTimeout, Time, cancellationToken);
        await using var registration = deadline.Token.Register(() => GiveUp(place));
        var (isGranted, connection) = await place.Value.Answer.Task;
        if (isGranted)
        {
            return connection;
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new RedisBusyException(endpoint, string.Create(
            CultureInfo.InvariantCulture,
            $"all connections that there may be ({_options.MaxConnectionsPerNode} to a node, {_options.MaxConnections} in all) stayed in use for {_options.BusyTimeout.TotalSeconds:0.###} s: allow more of them, or start fewer calls at a time"));
    }

    bool TryEnter(RedisEndpoint endpoint, out ClientConnection? idle)
    {
        idle = null;
        if (!_nodes.TryGetValue(endpoint, out var node))
        {
            node = new Node(endpoint);
        }

        // the one used last is the one most likely to be alive
        if (node.Idle.Count > 0)
        {
            idle = node.Idle[^1];
            node.Idle.RemoveAt(node.Idle.Count - 1);
            return true;
        }

        if (node.Count >= _options.MaxConnectionsPerNode || (_count >= _options.MaxConnections && !TryCloseOldest()))
        {
            return false;
        }

        _nodes[endpoint] = node;
        node.Count++;
        _count++;
        return true;
    }

    void ServeWaiting()
    {
        for (var place = _waiting.First; place is not null;)
        {
            var next = place.Next;
            if (TryEnter(place.Value.Endpoint, out var idle))
            {
                _waiting.Remove(place);
                place.Value.Answer.SetResult((true, idle));
            }

            place = next;
        }
    }

    void GiveUp(LinkedListNode<Waiter> place)
    {
        lock (_lock)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
                place.Value.Answer.SetResult((false, null));
            }
        }
    }

    bool TryCloseOldest()
    {
        var oldest = _nodes.Values.SelectMany(node => node.Idle).MinBy(idle => idle.IdleSince);
        CloseIdle(idle => idle == oldest);
        return oldest is not null;
    }

    void Sweep()
    {
        lock (_lock)
        {
            CloseIdle(idle => !idle.IsUsable || Time.GetElapsedTime(idle.IdleSince) >= RedisConnectionPool.MaxIdle);
        }
    }

    void CloseIdle(Predicate<ClientConnection> isOver)
    {
        foreach (var node in _nodes.Values.ToList())
        {
            foreach (var idle in node.Idle.FindAll(isOver))
            {
                node.Idle.Remove(idle);
                idle.Close();
                Drop(node);
            }
        }
    }

    void Drop(Node node)
    {
        node.Count--;
        _count--;
        if (node.Count == 0)
        {
            _nodes.Remove(node.Endpoint);
        }
    }

    sealed class Node(RedisEndpoint endpoint)
    {
        public RedisEndpoint Endpoint => endpoint;

        public List<ClientConnection> Idle { get; } = [];

        /// <summary>Connections in use, being opened, and idle.</summary>
        public int Count { get; set; }
    }

    sealed record Waiter(RedisEndpoint Endpoint)
    {
        public TaskCompletionSource<(bool IsGranted, ClientConnection? Idle)> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
