namespace Slotwise.Redis;

/// <summary>
/// One connection of its own. Once broken it stays broken, so whoever proved on it who he is stays that one. It also keeps commands that take long
/// (MIGRATE) off the connection over which the same server is observed.
/// </summary>
public interface IRedisSession : IAsyncDisposable
{
    /// <summary>The address that was dialled.</summary>
    RedisEndpoint Endpoint { get; }

    /// <summary>Sends a batch in one go and returns one reply per command, in order; an error of the server is a reply like any other.</summary>
    /// <param name="commands">The batch. The server may carry out commands of other connections in between.</param>
    /// <param name="timeout">For sending and all replies.</param>
    /// <param name="cancellationToken">Gives up; what was sent may be carried out all the same, and the session is over.</param>
    /// <exception cref="RedisTimeoutException">The time is up; see <see cref="RedisConnectionException.MayHaveBeenCarriedOut"/>.</exception>
    /// <exception cref="RedisConnectionException">The connection broke, now or earlier.</exception>
    Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken);
}
