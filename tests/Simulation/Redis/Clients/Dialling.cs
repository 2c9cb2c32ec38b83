using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Clients;

/// <summary>Opens connections and sends batches, with the time-outs and exceptions of the real ones.</summary>
static class Dialling
{
    /// <summary>How long reaching a server may take.</summary>
    static readonly TimeSpan ConnectTimeout = RedisConnectionOptions.Default.ConnectTimeout;

    public static async Task<ClientConnection> ConnectAsync(
        RedisWorld world,
        string from,
        RedisEndpoint endpoint,
        RedisCredentials? credentials,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var started = world.Simulator.Now;
        var process = await ReachAsync(world, from, endpoint, timeout < ConnectTimeout ? timeout : ConnectTimeout, cancellationToken);
        var connection = new ClientConnection(world, from, process);
        if (credentials is null)
        {
            return connection;
        }

        try
        {
            var left = timeout - (world.Simulator.Now - started);
            var replies = await ExecuteAsync(world, connection, endpoint, [new RedisCommand("AUTH", credentials.User, credentials.Password)], left, cancellationToken);
            return replies[0].IsError ? throw new RedisAuthenticationException(endpoint, new RedisServerException(replies[0].ErrorText)) : connection;
        }
        catch
        {
            connection.Close();
            throw;
        }
    }

    public static async Task<IReadOnlyList<RespValue>> ExecuteAsync(
        RedisWorld world,
        ClientConnection connection,
        RedisEndpoint endpoint,
        IReadOnlyList<RedisCommand> commands,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        if (commands.Count == 0)
        {
            return [];
        }

        if (!connection.IsOpen)
        {
            throw new RedisConnectionException(endpoint, $"the connection was closed before {commands[0].Name} could be sent");
        }

        var result = new TaskCompletionSource<RespValue[]?>();
        var timer = world.Simulator.After(timeout, () =>
        {
            connection.Close();
            result.TrySetException(new RedisTimeoutException(endpoint, Within($"no answer to {commands[0].Name}", timeout)) { MayHaveBeenCarriedOut = true });
        });
        await using var registration = cancellationToken.UnsafeRegister(_ =>
        {
            connection.Close();
            result.TrySetCanceled(cancellationToken);
        }, null);
        connection.Send(commands, replies => result.TrySetResult(replies));
        try
        {
            return await result.Task ?? throw new RedisConnectionException(endpoint, $"the connection broke during {commands[0].Name}: the server closed it")
            {
                MayHaveBeenCarriedOut = true,
            };
        }
        finally
        {
            timer.Cancel();
        }
    }

    static async Task<ServerProcess> ReachAsync(RedisWorld world, string from, RedisEndpoint endpoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<ServerProcess?>();
        var timer = world.Simulator.After(timeout, () => result.TrySetException(new RedisTimeoutException(endpoint, Within("no connection", timeout))));
        await using var registration = cancellationToken.UnsafeRegister(_ => result.TrySetCanceled(cancellationToken), null);
        world.Dial(from, endpoint.Host, endpoint.Port, () => !result.Task.IsCompleted, process => result.TrySetResult(process));
        try
        {
            return await result.Task ?? throw new RedisConnectionException(endpoint, "Connection refused");
        }
        finally
        {
            timer.Cancel();
        }
    }

    static string Within(string what, TimeSpan timeout) => string.Create(CultureInfo.InvariantCulture, $"{what} within {timeout.TotalSeconds:0.###} s");
}
