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
    /// <exception cref="RedisTimeoutException">The time is up; what was sent may have been, or may yet be, carried out.</exception>
    /// <exception cref="RedisConnectionException">The node can't be reached or the connection broke; what was sent may have been carried out.</exception>
    Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken);
}
