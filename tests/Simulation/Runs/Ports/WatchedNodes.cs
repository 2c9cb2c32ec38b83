using Slotwise.Redis;

namespace Slotwise.Simulation.Runs.Ports;

/// <summary>The operator's way to the servers: notes which step sends what.</summary>
sealed class WatchedNodes(IRedisNodes inner) : IRedisNodes
{
    public IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials) => new Node(inner.Get(endpoint, key, credentials));

    public async Task<IRedisSession> OpenAsync(RedisEndpoint endpoint, RedisCredentials? credentials, TimeSpan timeout, CancellationToken cancellationToken) =>
        new Session(await inner.OpenAsync(endpoint, credentials, timeout, cancellationToken));

    public void Forget(string key) => inner.Forget(key);

    sealed class Node(IRedisNode inner) : IRedisNode
    {
        public RedisEndpoint Endpoint => inner.Endpoint;

        public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken)
        {
            WriteNames.Note(commands);
            return inner.ExecuteAsync(commands, timeout, cancellationToken);
        }

        public Task<IReadOnlyList<RespValue>?> ExecuteIfAsync(
            IReadOnlyList<RedisCommand> questions,
            Func<IReadOnlyList<RespValue>, bool> holds,
            IReadOnlyList<RedisCommand> commands,
            TimeSpan timeout,
            CancellationToken cancellationToken)
        {
            WriteNames.Note(commands);
            return inner.ExecuteIfAsync(questions, holds, commands, timeout, cancellationToken);
        }
    }

    sealed class Session(IRedisSession inner) : IRedisSession
    {
        public RedisEndpoint Endpoint => inner.Endpoint;

        public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken)
        {
            WriteNames.Note(commands);
            return inner.ExecuteAsync(commands, timeout, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
