namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>Counts the batches that go over a session, but not the questions whether gossip has arrived.</summary>
sealed class CountingSession(IRedisSession inner) : IRedisSession
{
    public int Batches { get; private set; }

    public RedisEndpoint Endpoint => inner.Endpoint;

    public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var isQuestion = commands is [{ Name: "CLUSTER NODES" }];
        Batches += commands.Count > 0 && !isQuestion ? 1 : 0;
        return inner.ExecuteAsync(commands, timeout, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
