using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Clients;

/// <summary>One connection to one server, opened when it is needed and replaced at the next use once it broke; batches take turns.</summary>
sealed class SimulatedNode(RedisWorld world, string from, RedisEndpoint endpoint, RedisCredentials? credentials) : IRedisNode
{
    Task _turn = Task.CompletedTask;
    ClientConnection? _connection;
    int _users;
    bool _isRetired;

    public RedisEndpoint Endpoint => endpoint;

    public RedisCredentials? Credentials => credentials;

    public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken) =>
        InTurnAsync((connection, left) => Dialling.ExecuteAsync(world, connection, endpoint, commands, left(), cancellationToken), timeout, cancellationToken);

    public Task<IReadOnlyList<RespValue>?> ExecuteIfAsync(
        IReadOnlyList<RedisCommand> questions,
        Func<IReadOnlyList<RespValue>, bool> holds,
        IReadOnlyList<RedisCommand> commands,
        TimeSpan timeout,
        CancellationToken cancellationToken) =>
        InTurnAsync<IReadOnlyList<RespValue>?>(
            async (connection, left) => holds(await Dialling.ExecuteAsync(world, connection, endpoint, questions, left(), cancellationToken))
                ? await Dialling.ExecuteAsync(world, connection, endpoint, commands, left(), cancellationToken)
                : null,
            timeout,
            cancellationToken);

    /// <summary>Closes the connection as soon as nobody uses it.</summary>
    public void Retire()
    {
        _isRetired = true;
        CloseIfUnused();
    }

    async Task<T> InTurnAsync<T>(Func<ClientConnection, Func<TimeSpan>, Task<T>> use, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var end = world.Simulator.Now + timeout;
        var before = _turn;
        var mine = new TaskCompletionSource();
        _turn = mine.Task;
        _users++;
        try
        {
            await before;
            if (_connection is not { IsOpen: true })
            {
                _connection?.Close();
                _connection = await Dialling.ConnectAsync(world, from, endpoint, credentials, Left(), cancellationToken);
            }

            return await use(_connection, Left);
        }
        finally
        {
            _users--;
            CloseIfUnused();
            mine.SetResult();
        }

        TimeSpan Left() => end - world.Simulator.Now;
    }

    void CloseIfUnused()
    {
        if (_isRetired && _users == 0)
        {
            _connection?.Close();
            _connection = null;
        }
    }
}

/// <summary>A connection of its own, which is never replaced.</summary>
sealed class SimulatedSession(RedisWorld world, RedisEndpoint endpoint, ClientConnection connection) : IRedisSession
{
    public RedisEndpoint Endpoint => endpoint;

    public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken) =>
        Dialling.ExecuteAsync(world, connection, endpoint, commands, timeout, cancellationToken);

    public ValueTask DisposeAsync()
    {
        connection.Close();
        return ValueTask.CompletedTask;
    }
}
