using Slotwise.Redis;

namespace Slotwise.Simulation.Kubernetes.Tests;

/// <summary>Redis nodes none of which can be reached.</summary>
sealed class DeafNodes : IRedisNodes
{
    public IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials) => new DeafNode(endpoint);

    public Task<IRedisSession> OpenAsync(RedisEndpoint endpoint, RedisCredentials? credentials, TimeSpan timeout, CancellationToken cancellationToken) =>
        Task.FromException<IRedisSession>(new RedisConnectionException(endpoint, "connection refused"));

    public void Forget(string key)
    {
    }

    sealed class DeafNode(RedisEndpoint endpoint) : IRedisNode
    {
        public RedisEndpoint Endpoint => endpoint;

        public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken) =>
            Task.FromException<IReadOnlyList<RespValue>>(new RedisConnectionException(endpoint, "connection refused"));

        public Task<IReadOnlyList<RespValue>?> ExecuteIfAsync(
            IReadOnlyList<RedisCommand> questions,
            Func<IReadOnlyList<RespValue>, bool> holds,
            IReadOnlyList<RedisCommand> commands,
            TimeSpan timeout,
            CancellationToken cancellationToken) =>
            Task.FromException<IReadOnlyList<RespValue>?>(new RedisConnectionException(endpoint, "connection refused"));
    }
}
