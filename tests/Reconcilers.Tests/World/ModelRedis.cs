using System.Security.Cryptography;
using System.Text;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>All model servers, by address, behind the port through which the reconciler reaches real ones.</summary>
sealed class ModelRedis(TimeProvider time) : IRedisNodes
{
    readonly SortedDictionary<string, ModelServer> _servers = new(StringComparer.Ordinal);

    public IReadOnlyCollection<ModelServer> Servers => _servers.Values;

    public TimeProvider Time => time;

    /// <summary>Servers that wait at their gates, by address: where their configuration is.</summary>
    public SortedDictionary<string, string> Gates { get; } = new(StringComparer.Ordinal);

    /// <summary>Called before every command that changes something; may throw as a broken connection would.</summary>
    public Action<RedisCommand>? BeforeWrite { get; set; }

    /// <summary>Called after every command that changes something, when it has taken effect.</summary>
    public Action<RedisCommand>? AfterWrite { get; set; }

    /// <summary>Commands that changed something, in order.</summary>
    public WriteLog Writes { get; } = new();

    /// <summary>Whether the servers move slots by themselves as Valkey 9 does.</summary>
    public bool HasValkeyJobs { get; set; }

    /// <summary>Keys that say to be of another size than they are, in bytes.</summary>
    public SortedDictionary<string, long> LargeKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether they do it as Redis 8.4 has it.</summary>
    public bool HasRedisTasks { get; set; }

    /// <summary>Whether gossip between two servers is lost, by their addresses.</summary>
    public Func<string, string, bool> IsLost { get; set; } = (_, _) => false;

    public static NodeId NewId(string seed) => NodeId.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(0, NodeId.TextLength / 2));

    public static string ConfigFile(string clusterUid, string podUid) => $"/run/slotwise/{clusterUid}/{podUid}/redis.conf";

    public ModelServer Start(string address, string podUid, string clusterUid, int busPort, string hostname = "") =>
        _servers[address] = new ModelServer(this, NewId(podUid), address, busPort, ConfigFile(clusterUid, podUid)) { Hostname = hostname };

    /// <summary>A server starts again from its volume, perhaps elsewhere.</summary>
    public void StartAgain(ModelServer server, string address, string podUid, string clusterUid)
    {
        _servers.Remove(server.Address);
        server.Move(address, ConfigFile(clusterUid, podUid));
        _servers[address] = server;
    }

    /// <summary>In the place of a server that was stopped there is another one, of the same pod, that knows nothing.</summary>
    public void StartAnew(ModelServer server) =>
        _servers[server.Address] = new ModelServer(this, NewId($"{server.Id} anew"), server.Address, server.BusPort, server.ConfigFile) { Hostname = server.Hostname };

    /// <summary>A server that was stopped is there again.</summary>
    public void Join(ModelServer server) => _servers[server.Address] = server;

    public void Stop(string address) => _servers.Remove(address);

    public void Remove(IEnumerable<ModelServer> servers)
    {
        foreach (var server in servers)
        {
            _servers.Remove(server.Address);
        }
    }

    public ModelServer At(string address) => _servers[address];

    public ModelServer? Find(string address) => _servers.GetValueOrDefault(address);

    public ModelServer? Find(NodeId id) => Servers.FirstOrDefault(server => server.Id == id);

    /// <summary>
    /// One round: greetings that are under way arrive, everybody hears everybody that it knows where it believes that one to be, elections are
    /// held, replicas copy.
    /// </summary>
    public void Gossip()
    {
        Greet();
        foreach (var server in Servers.ToList())
        {
            foreach (var peer in server.Known.ToList())
            {
                Ping(server, peer);
            }
        }

        foreach (var server in Servers)
        {
            server.TryFailover();
        }

        Replicate();
    }

    /// <summary>Only the ping of one server to one that it knows.</summary>
    public void Ping(ModelServer server, NodeId peer)
    {
        if (server.Believes(peer) is not { Address.Length: > 0 } belief
            || Find(belief.Address) is not { } there
            || there.BusPort != belief.BusPort
            || !Reaches(server, there))
        {
            return;
        }

        if (there.Id != peer)
        {
            server.FindStranger(peer);
            return;
        }

        there.Hear(server);
        there.HearGossip(server);
        server.HearUpdate(there);
        server.Hear(there);
        server.HearGossip(there);
        there.HearUpdate(server);
    }

    /// <summary>What a server does by itself when it takes a slot that it imported: it tells the one from whom. (A real one tells all.)</summary>
    public void Tell(ModelServer server, NodeId peer)
    {
        if (server.Believes(peer) is { Address.Length: > 0 } belief && Find(belief.Address) is { } there && there.Id == peer && Reaches(server, there))
        {
            there.Hear(server);
        }
    }

    /// <summary>Only the greetings: both sides then know each other, whoever they are.</summary>
    public void Greet()
    {
        foreach (var server in Servers.ToList())
        {
            server.Greetings.RemoveAll(greeting => Greet(server, greeting.Address, greeting.BusPort) || greeting.Until <= time.GetUtcNow());
        }
    }

    bool Greet(ModelServer server, string address, int busPort)
    {
        if (Find(address) is not { } other || other.BusPort != busPort || !Reaches(server, other))
        {
            return false;
        }

        if (other.Id != server.Id)
        {
            server.Welcome(other);
            other.Welcome(server);
        }

        return true;
    }

    /// <summary>Only replication: every replica that reaches its master becomes a copy of it.</summary>
    public void Replicate()
    {
        foreach (var server in Servers)
        {
            server.Synchronize();
            server.NoteLink();
        }
    }

    public IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials) => new Node(this, endpoint);

    public Task<IRedisSession> OpenAsync(RedisEndpoint endpoint, RedisCredentials? credentials, TimeSpan timeout, CancellationToken cancellationToken) =>
        Find(endpoint.Host) is { IsCutOff: false, IsHidden: false }
            ? Task.FromResult<IRedisSession>(new Session(new Node(this, endpoint)))
            : throw new RedisConnectionException(endpoint, "connection refused");

    public void Forget(string key)
    {
    }

    bool Reaches(ModelServer one, ModelServer other) => !one.IsCutOff && !other.IsCutOff && !IsLost(one.Address, other.Address);

    static bool IsQuestion(RedisCommand command) => command.Name is "INFO" or "DBSIZE" or "DUMP" or "TYPE" or "ASKING" or "MEMORY" or "MEMORY USAGE" or "CONFIG GET" or "COMMAND INFO"
        or "FUNCTION LIST" or "FUNCTION DUMP" or "CLUSTER INFO" or "CLUSTER NODES" or "CLUSTER MYID" or "CLUSTER SHARDS" or "CLUSTER COUNTKEYSINSLOT"
        or "CLUSTER GETKEYSINSLOT" or "CLUSTER GETSLOTMIGRATIONS"
        || (command.Name == "CLUSTER MIGRATION" && command.ArgumentText(2) == "STATUS");

    RespValue Execute(RedisEndpoint endpoint, RedisCommand command)
    {
        if (endpoint.Port == ClusterPorts.Gate)
        {
            return !Gates.TryGetValue(endpoint.Host, out var file) ? throw new RedisConnectionException(endpoint, "connection refused")
                : RespValue.Text(command.Name == "INFO" ? $"# Server\r\nconfig_file:{file}\r\n" : "the keys in memory are lost here");
        }

        if (Find(endpoint.Host) is not { IsCutOff: false, IsHidden: false } server)
        {
            throw new RedisConnectionException(endpoint, "connection refused");
        }

        if (IsQuestion(command))
        {
            return server.Execute(command);
        }

        BeforeWrite?.Invoke(command);
        Writes.Add(endpoint.Host, command);
        var reply = server.Execute(command);
        AfterWrite?.Invoke(command);
        return reply;
    }

    sealed class Session(Node node) : IRedisSession
    {
        public RedisEndpoint Endpoint => node.Endpoint;

        public Task<IReadOnlyList<RespValue>> ExecuteAsync(IReadOnlyList<RedisCommand> commands, TimeSpan timeout, CancellationToken cancellationToken) =>
            node.ExecuteAsync(commands, timeout, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
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

        RespValue Execute(RedisCommand command) => redis.Execute(endpoint, command);
    }
}
