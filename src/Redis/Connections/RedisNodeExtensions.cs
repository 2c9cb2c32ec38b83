namespace Slotwise.Redis;

/// <summary>One typed command at a time; for several, build a batch and let each command read its reply.</summary>
public static class RedisNodeExtensions
{
    /// <summary>Sends one command and reads its reply.</summary>
    /// <exception cref="RedisServerException">The server answered with an error, or with something else than the command answers.</exception>
    /// <exception cref="RedisConnectionException">The node can't be reached, the connection broke, or the time is up.</exception>
    public static async Task<T> ExecuteAsync<T>(
        this IRedisNode node,
        RedisCommand<T> command,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(command);
        var replies = await node.ExecuteAsync([command], timeout, cancellationToken);
        return command.Read(replies[0]);
    }
}
