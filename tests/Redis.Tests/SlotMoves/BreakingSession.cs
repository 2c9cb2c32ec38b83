namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>How many commands may still be sent, over all sessions that share it.</summary>
sealed class Fuse(int commands)
{
    public int Left { get; set; } = commands;

    public bool HasBlown => Left <= 0;
}

/// <summary>A session that breaks in the middle of a batch, as when the operator dies there: the server carries out what was sent before.</summary>
sealed class BreakingSession(IRedisSession inner, Fuse fuse) : IRedisSession
{
    public RedisEndpoint Endpoint => inner.Endpoint;

    public async Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (commands.Count <= fuse.Left)
        {
            fuse.Left -= commands.Count;
            return await inner.ExecuteAsync(commands, timeout, cancellationToken);
        }

        var sent = commands.Take(fuse.Left).ToList();
        fuse.Left = 0;
        await inner.ExecuteAsync(sent, timeout, cancellationToken);
        await inner.DisposeAsync();
        throw new RedisConnectionException(Endpoint, "the test cut it") { MayHaveBeenCarriedOut = true };
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
