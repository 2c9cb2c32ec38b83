namespace Slotwise.Redis;

/// <summary>One Redis node that can be asked. Everything that decides about clusters is written against this port, so a simulated node can stand in.</summary>
public interface IRedisNode
{
    /// <summary>The address that is asked.</summary>
    RedisEndpoint Endpoint { get; }

    /// <summary>Sends a batch in one go and returns one reply per command, in order; an error of the server is a reply like any other.</summary>
    /// <param name="commands">The batch. The server may carry out commands of other connections in between.</param>
    /// <param name="timeout">For everything: connecting if needed, sending and all replies.</param>
    /// <param name="cancellationToken">Gives up; what was sent may be carried out all the same.</param>
    /// <exception cref="RedisTimeoutException">The time is up; see <see cref="RedisConnectionException.MayHaveBeenCarriedOut"/>.</exception>
    /// <exception cref="RedisConnectionException">The node can't be reached or the connection broke.</exception>
    Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Asks, and only if the answers are as they must be, sends the commands over the same connection, hence to the very process that answered:
    /// an address that was given to another server meanwhile is not acted upon.
    /// </summary>
    /// <param name="questions">Commands that change nothing; at least one.</param>
    /// <param name="holds">Whether the answers allow the commands.</param>
    /// <param name="commands">The batch to send then.</param>
    /// <param name="timeout">For everything.</param>
    /// <param name="cancellationToken">Gives up; what was sent may be carried out all the same.</param>
    /// <returns>One reply per command, in order; null if the answers did not allow it, and nothing was sent.</returns>
    /// <exception cref="RedisTimeoutException">The time is up; see <see cref="RedisConnectionException.MayHaveBeenCarriedOut"/>.</exception>
    /// <exception cref="RedisConnectionException">The node can't be reached or the connection broke.</exception>
    Task<IReadOnlyList<RespValue>?> ExecuteIfAsync(
        IReadOnlyList<RedisCommand> questions,
        Func<IReadOnlyList<RespValue>, bool> holds,
        IReadOnlyList<RedisCommand> commands,
        TimeSpan timeout,
        CancellationToken cancellationToken);
}
