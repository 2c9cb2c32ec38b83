namespace Slotwise.Redis;

/// <summary>A node as the cluster client uses it: a few connections that take turns.</summary>
sealed class ClientNode
{
    readonly IRedisNode[] _connections;
    int _next;

    public ClientNode(RedisEndpoint endpoint, IRedisNodes nodes, RedisCredentials? credentials, int connections)
    {
        Endpoint = endpoint;
        _connections = [.. Enumerable.Range(0, connections).Select(i => nodes.Get(endpoint, $"{endpoint} {i}", credentials))];
    }

    public RedisEndpoint Endpoint { get; }

    public IRedisNode NextConnection() => _connections[(uint)Interlocked.Increment(ref _next) % (uint)_connections.Length];
}
