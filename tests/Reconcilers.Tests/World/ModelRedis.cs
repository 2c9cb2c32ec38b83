using System.Security.Cryptography;
using System.Text;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>All model servers, by address, behind the port through which the reconciler reaches real ones.</summary>
sealed class ModelRedis : IRedisNodes
{
    readonly SortedDictionary<string, ModelServer> _servers = new(StringComparer.Ordinal);

    public IReadOnlyCollection<ModelServer> Servers => _servers.Values;

    /// <summary>Called before every command that changes something; may throw as a broken connection would.</summary>
    public Action<RedisCommand>? BeforeWrite { get; set; }

    /// <summary>Called after every command that changes something, when it has taken effect.</summary>
    public Action<RedisCommand>? AfterWrite { get; set; }

    /// <summary>Commands that changed something, in order.</summary>
    public List<string> Writes { get; } = [];

    public static NodeId NewId(string seed) => NodeId.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(0, NodeId.TextLength / 2));

    public ModelServer Start(string address, string podUid, string clusterUid, int busPort)
    {
        var server = new ModelServer(NewId(podUid), address, busPort, $"/run/slotwise/{clusterUid}/{podUid}/redis.conf");
        _servers[address] = server;
        return server;
    }

    public void Stop(string address) => _servers.Remove(address);

    public ModelServer At(string address) => _servers[address];

    /// <summary>Lets every greeting that is under way arrive: both sides then know each other.</summary>
    public void Gossip()
    {
        foreach (var server in _servers.Values)
        {
            foreach (var greeted in server.Greetings.Distinct().ToList())
            {
                if (_servers.TryGetValue(greeted, out var other))
                {
                    server.Hear(other);
                    other.Hear(server);
                }
            }

            server.Greetings.Clear();
        }
    }

    public IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials) => new Node(this, endpoint);

    public void Forget(string key)
    {
    }

    sealed class Node(ModelRedis redis, RedisEndpoint endpoint) : IRedisNode
    {
        public RedisEndpoint Endpoint => endpoint;

        public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RespValue>>([.. commands.Select(Execute)]);

        public Task<IReadOnlyList<RespValue>?> ExecuteIfAsync(
            IReadOnlyList<RedisCommand> questions,
            Func<IReadOnlyList<RespValue>, bool> holds,
            IReadOnlyList<RedisCommand> commands,
            TimeSpan timeout,
            CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RespValue>?>(holds([.. questions.Select(Execute)]) ? [.. commands.Select(Execute)] : null);

        RespValue Execute(RedisCommand command)
        {
            if (!redis._servers.TryGetValue(endpoint.Host, out var server))
            {
                throw new RedisConnectionException(endpoint, "connection refused");
            }

            if (command.Name is "INFO" or "CLUSTER INFO" or "CLUSTER NODES")
            {
                return server.Execute(command);
            }

            redis.BeforeWrite?.Invoke(command);
            redis.Writes.Add($"{endpoint.Host} {command}");
            var reply = server.Execute(command);
            redis.AfterWrite?.Invoke(command);
            return reply;
        }
    }
}
