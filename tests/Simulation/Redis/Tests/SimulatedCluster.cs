using System.Globalization;
using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Redis.Clients;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Redis.Tests;

/// <summary>A few simulated servers and somebody who talks to them.</summary>
sealed class SimulatedCluster
{
    const int Port = 6379;
    const int BusPort = 17000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly List<ServerProcess> _servers = [];
    readonly List<Volume> _volumes = [];
    readonly ServerProfile _profile;
    readonly SortedDictionary<string, string> _directives = new(StringComparer.Ordinal);

    public SimulatedCluster(ulong seed = 1, ServerProfile? profile = null, params (string Name, string Value)[] directives)
    {
        Simulator = new Simulator(seed);
        Simulator.Trace.IsKept = true;
        Network = new Network(Simulator);
        World = new RedisWorld(Simulator, Network);
        Nodes = World.NodesFor("operator");
        _profile = profile ?? ServerProfile.Redis70;
        _directives["cluster-node-timeout"] = "2000";
        _directives["repl-diskless-sync-delay"] = "0";
        _directives["cluster-allow-replica-migration"] = "no";
        _directives["cluster-require-full-coverage"] = "no";
        foreach (var (name, value) in directives)
        {
            _directives[name] = value;
        }
    }

    public Simulator Simulator { get; }

    public Network Network { get; }

    public RedisWorld World { get; }

    public SimulatedNodes Nodes { get; }

    public ServerProcess this[int index] => _servers[index];

    public int Count => _servers.Count;

    public void Start(int count)
    {
        for (var index = 0; index < count; index++)
        {
            _volumes.Add(new Volume($"data-{index}"));
            _servers.Add(World.Start(Setup(index)));
        }
    }

    /// <summary>In the same place, with what its volume has.</summary>
    public void Restart(int index) => _servers[index] = World.Start(Setup(index));

    /// <summary>In the same place, with an empty volume.</summary>
    public void RestartAfresh(int index)
    {
        _volumes[index] = new Volume($"data-{index}");
        Restart(index);
    }

    public Task WaitAsync(double seconds)
    {
        var done = new TaskCompletionSource();
        Simulator.After(TimeSpan.FromSeconds(seconds), done.SetResult);
        return done.Task;
    }

    public async Task<bool> EventuallyAsync(Func<bool> holds, double seconds)
    {
        for (var end = Simulator.Now + TimeSpan.FromSeconds(seconds); Simulator.Now < end; await WaitAsync(0.05))
        {
            if (holds())
            {
                return true;
            }
        }

        return holds();
    }

    public async Task<RespValue> AskAsync(int index, params RedisArgument[] command) =>
        (await Nodes.Get(new RedisEndpoint(_servers[index].Address, Port), _servers[index].Name, null).ExecuteAsync([new RedisCommand(command)], Patience, CancellationToken.None))[0];

    public async Task<string> TextAsync(int index, params RedisArgument[] command) => (await AskAsync(index, command)).ToString();

    public async Task<ClusterNodesTable> TableAsync(int index) => ClusterNodesTable.Parse((await AskAsync(index, "CLUSTER", "NODES")).Bytes);

    /// <summary>Masters first, then their replicas in turn; waits until all agree.</summary>
    public async Task FormAsync(int masters, int replicasPerMaster)
    {
        Start(masters * (1 + replicasPerMaster));
        for (var index = 0; index < masters; index++)
        {
            await AskAsync(index, "CLUSTER", "SET-CONFIG-EPOCH", index + 1);
            await AskAsync(index, "CLUSTER", "ADDSLOTSRANGE", SlotSet.SlotCount * index / masters, (SlotSet.SlotCount * (index + 1) / masters) - 1);
        }

        for (var index = 1; index < Count; index++)
        {
            await AskAsync(index, "CLUSTER", "MEET", _servers[0].Address, Port, BusPort);
        }

        Assert.True(await EventuallyAsync(() => _servers.TrueForAll(server => server.View.KnownNodes == Count && server.View.IsServing), 30), "they do not find each other");
        for (var index = masters; index < Count; index++)
        {
            Assert.Equal("OK", await TextAsync(index, "CLUSTER", "REPLICATE", _servers[index % masters].View.Id));
        }

        Assert.True(await EventuallyAsync(() => _servers.Skip(masters).All(server => server.View.IsInSync), 30), "no replica gets in sync");
        Assert.True(
            await EventuallyAsync(() => _servers.TrueForAll(server => _servers.Skip(masters).All(replica => server.View.MasterOf(replica.View.Id) == replica.View.MasterId)), 60),
            "not all hear who follows whom");
    }

    /// <summary>A key of a slot that a master owns.</summary>
    public string KeyOf(int index, int number = 0)
    {
        for (var candidate = 0; ; candidate++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"key-{candidate}");
            if (_servers[index].View.Slots.Contains(SlotHash.Of(key)) && number-- == 0)
            {
                return key;
            }
        }
    }

    ServerSetup Setup(int index) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"server-{index}"),
        Address = string.Create(CultureInfo.InvariantCulture, $"10.0.0.{index + 1}"),
        BusPort = BusPort,
        Volume = _volumes[index],
        Profile = _profile,
        Directives = _directives,
    };
}
