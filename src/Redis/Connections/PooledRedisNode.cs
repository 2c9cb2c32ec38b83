using System.Diagnostics.CodeAnalysis;

namespace Slotwise.Redis;

/// <summary>A node of the pool and its one connection. A node that the pool has let go of still answers, but keeps no connection.</summary>
[SuppressMessage("Design", "CA1001", Justification = "a semaphore that was never asked for a wait handle holds nothing to dispose")]
sealed class PooledRedisNode(RedisEndpoint endpoint, RedisCredentials? credentials, RedisConnectionOptions options, SemaphoreSlim dials) : IRedisNode
{
    readonly SemaphoreSlim _turn = new(1);
    readonly Lock _lock = new();
    RedisConnection? _connection;
    bool _isRetired;
    int _users;
    long _lastUse = options.TimeProvider.GetTimestamp();

    public RedisEndpoint Endpoint => endpoint;

    public RedisCredentials? Credentials => credentials;

    /// <summary>How long nobody has used the node; zero while somebody does.</summary>
    public TimeSpan IdleTime
    {
        get
        {
            lock (_lock)
            {
                return _users > 0 ? TimeSpan.Zero : options.TimeProvider.GetElapsedTime(_lastUse);
            }
        }
    }

    public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return OnConnectionAsync((connection, deadline) => connection.ExecuteAsync(commands, deadline), timeout, cancellationToken);
    }

    public Task<IReadOnlyList<RespValue>?> ExecuteIfAsync(
        IReadOnlyList<RedisCommand> questions,
        Func<IReadOnlyList<RespValue>, bool> holds,
        IReadOnlyList<RedisCommand> commands,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(holds);
        ArgumentNullException.ThrowIfNull(commands);

        // a connection that breaks after the answers is not replaced: whoever listens there by then has proved nothing
        return OnConnectionAsync<IReadOnlyList<RespValue>?>(
            async (connection, deadline) => holds(await connection.ExecuteAsync(questions, deadline))
                ? await connection.ExecuteAsync(commands, deadline)
                : null,
            timeout,
            cancellationToken);
    }

    /// <summary>Closes the connection as soon as nobody uses it.</summary>
    public void Retire()
    {
        lock (_lock)
        {
            _isRetired = true;
        }

        CloseIfUnused();
    }

    async Task<T> OnConnectionAsync<T>(Func<RedisConnection, Deadline, Task<T>> use, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(timeout, options.TimeProvider, cancellationToken);
        Enter();
        try
        {
            await _turn.WaitAsync(deadline.Token);
            try
            {
                return await use(await ConnectAsync(deadline.Token), deadline);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException e)
        {
            throw deadline.Explain(e, endpoint, "no connection", wasSent: false);
        }
        finally
        {
            Leave();
        }
    }

    // only whoever has the turn comes here
    async Task<RedisConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsUsable: true } open)
        {
            return open;
        }

        _connection?.Close();
        await dials.WaitAsync(cancellationToken);
        try
        {
            return _connection = await RedisConnection.ConnectAsync(endpoint, credentials, options, cancellationToken);
        }
        finally
        {
            dials.Release();
        }
    }

    void Enter()
    {
        lock (_lock)
        {
            _users++;
        }
    }

    void Leave()
    {
        lock (_lock)
        {
            _users--;
            _lastUse = options.TimeProvider.GetTimestamp();
        }

        CloseIfUnused();
    }

    void CloseIfUnused()
    {
        lock (_lock)
        {
            if (_isRetired && _users == 0)
            {
                _connection?.Close();
                _connection = null;
            }
        }
    }
}
