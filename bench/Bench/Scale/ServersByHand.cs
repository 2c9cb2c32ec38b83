using System.Diagnostics;
using System.Globalization;
using Slotwise.Bench.Form;
using Slotwise.Redis;

namespace Slotwise.Bench.Scale;

/// <summary>A cluster of bare servers, one replica to each master, whose shape is changed with redis-cli.</summary>
sealed class ServersByHand : IAsyncDisposable
{
    const string Config = "cluster-enabled yes\nprotected-mode no\nsave \"\"\nappendonly no\ncluster-node-timeout 15000\nrepl-diskless-sync-delay 0\ncluster-require-full-coverage no\ncluster-allow-replica-migration no";
    const int Network = 90;

    readonly ServerFleet _fleet = new();
    readonly RedisConnectionPool _pool = new(new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(5), CommandTimeout = TimeSpan.FromSeconds(10) });
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-bench-scale-").FullName;
    readonly List<RedisEndpoint> _masters = [];
    readonly List<RedisEndpoint> _replicas = [];

    public IReadOnlyList<RedisEndpoint> Masters => _masters;

    public IReadOnlyList<RedisEndpoint> Endpoints => [.. _masters, .. _replicas];

    public static async Task<ServersByHand> StartAsync(int shards, CancellationToken cancellationToken)
    {
        var servers = new ServersByHand();
        var started = await servers.StartServersAsync(2 * shards, cancellationToken);
        await RedisCliAsync(["--cluster", "create", .. started.Select(server => server.ToString()), "--cluster-replicas", "1", "--cluster-yes"], cancellationToken);
        servers._masters.AddRange(started.Take(shards));
        servers._replicas.AddRange(started.Skip(shards));
        await servers.WaitUntilFormedAsync(cancellationToken);
        return servers;
    }

    /// <summary>What the handbook says: add the masters, wait until all know them, rebalance, add the replicas.</summary>
    public async Task AddShardsAsync(int count, CancellationToken cancellationToken)
    {
        var started = await StartServersAsync(2 * count, cancellationToken);
        foreach (var master in started.Take(count))
        {
            await RedisCliAsync(["--cluster", "add-node", $"{master}", $"{_masters[0]}"], cancellationToken);
            _masters.Add(master);
            await WaitUntilAgreedAsync(cancellationToken);
        }

        await RedisCliAsync(["--cluster", "rebalance", $"{_masters[0]}", "--cluster-use-empty-masters"], cancellationToken);
        await WaitUntilAgreedAsync(cancellationToken);
        for (var index = 0; index < count; index++)
        {
            var master = _masters[^(count - index)];
            await RedisCliAsync(["--cluster", "add-node", $"{started[count + index]}", $"{_masters[0]}", "--cluster-slave", "--cluster-master-id", $"{await IdAsync(master, cancellationToken)}"], cancellationToken);
            _replicas.Add(started[count + index]);
            await WaitUntilAgreedAsync(cancellationToken);
        }

        await WaitUntilFormedAsync(cancellationToken);
    }

    /// <summary>Empties the last masters, then removes their replicas and them.</summary>
    public async Task RemoveShardsAsync(int count, CancellationToken cancellationToken)
    {
        var leaving = _masters.TakeLast(count).ToList();
        var ids = await Task.WhenAll(leaving.Select(server => IdAsync(server, cancellationToken)));
        await RedisCliAsync(["--cluster", "rebalance", $"{_masters[0]}", "--cluster-weight", .. ids.Select(id => $"{id}=0")], cancellationToken);
        await WaitUntilAgreedAsync(cancellationToken);
        foreach (var server in _replicas.TakeLast(count).Concat(leaving).ToList())
        {
            await RedisCliAsync(["--cluster", "del-node", $"{_masters[0]}", $"{await IdAsync(server, cancellationToken)}"], cancellationToken);
            _replicas.Remove(server);
            _masters.Remove(server);
        }

        await WaitUntilFormedAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _fleet.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    static async Task RedisCliAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("redis-cli did not start");
        var output = await cli.StandardOutput.ReadToEndAsync(cancellationToken);
        await cli.WaitForExitAsync(cancellationToken);
        if (cli.ExitCode != 0)
        {
            throw new InvalidOperationException($"redis-cli {string.Join(' ', arguments)} failed:\n{output}");
        }
    }

    async Task<IReadOnlyList<RedisEndpoint>> StartServersAsync(int count, CancellationToken cancellationToken)
    {
        for (var index = 0; index < count; index++)
        {
            _fleet.Start(Network, Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{_fleet.Addresses.Count}.conf")), Config);
        }

        await _fleet.WaitUntilUpAsync(_pool, credentials: null, cancellationToken);
        return [.. _fleet.Addresses.TakeLast(count).Select(address => new RedisEndpoint(address, 6379))];
    }

    Task<NodeId> IdAsync(RedisEndpoint server, CancellationToken cancellationToken) => NodeAt(server).ExecuteAsync(ClusterCommands.MyId, TimeSpan.FromSeconds(5), cancellationToken);

    IRedisNode NodeAt(RedisEndpoint server) => _pool.Get(server, $"{server}", credentials: null);

    /// <summary>A rebalance that begins before a new master serves fails and leaves a slot open; and nodes that do not agree yet are added to by nobody.</summary>
    async Task WaitUntilAgreedAsync(CancellationToken cancellationToken)
    {
        while (!await IsAgreedAsync(cancellationToken))
        {
            await Task.Delay(20, cancellationToken);
        }
    }

    async Task<bool> IsAgreedAsync(CancellationToken cancellationToken)
    {
        try
        {
            var infos = await Task.WhenAll(Endpoints.Select(server => NodeAt(server).ExecuteAsync(ClusterCommands.Info, TimeSpan.FromSeconds(5), cancellationToken)));
            var tables = await Task.WhenAll(Endpoints.Select(server => NodeAt(server).ExecuteAsync(ClusterCommands.Nodes, TimeSpan.FromSeconds(5), cancellationToken)));
            return infos.All(info => info.IsOk && info.KnownNodes == Endpoints.Count) && tables.All(table => table.AgreesOnSlotsWith(tables[0]));
        }
        catch (RedisServerException)
        {
            // a new replica loads what its master sent
            return false;
        }
    }

    Task<TimeSpan> WaitUntilFormedAsync(CancellationToken cancellationToken) =>
        FormedCheck.WaitAsync(_pool, [.. Endpoints.Select(server => server.Host)], _masters.Count, Stopwatch.GetTimestamp(), cancellationToken);
}
