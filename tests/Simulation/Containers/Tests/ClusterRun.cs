using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Kubernetes;
using Slotwise.Simulation.Operators;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers.Tests;

/// <summary>A cluster of simulated servers in a simulated Kubernetes, with an operator.</summary>
sealed class ClusterRun
{
    public ClusterRun(ulong seed = 1)
    {
        Simulator = new Simulator(seed);
        Simulator.Trace.IsKept = true;
        Network = new Network(Simulator);
        Redis = new RedisWorld(Simulator, Network);
        Containers = new RedisContainers(Redis);
        Kubernetes = new SimulatedKubernetes(Simulator, Network, Containers, new KubernetesDelays(), 3);
        Kubernetes.Addresses.Released = Redis.RemoveAddress;
        Operator = new SimulatedOperator(
            new OperatorWorld
            {
                Simulator = Simulator,
                Kubernetes = Kubernetes,
                ConnectRedis = (process, address) =>
                {
                    var nodes = Redis.NodesFor(address);
                    process.Ended += nodes.Close;
                    return nodes;
                },
            },
            "operator-0");
    }

    public Simulator Simulator { get; }

    public Network Network { get; }

    public RedisWorld Redis { get; }

    public RedisContainers Containers { get; }

    public SimulatedKubernetes Kubernetes { get; }

    public SimulatedOperator Operator { get; }

    public RedisCluster Cluster => Kubernetes.User.GetAsync<RedisCluster>("default", "orders", CancellationToken.None).Result;

    public bool IsReady => ConditionOf("Ready") is { Status: "True" } ready && ready.ObservedGeneration == Cluster.Metadata.Generation;

    public V1Condition? ConditionOf(string type) => Cluster.Status?.Conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Forms a cluster and goes on with the body.</summary>
    public void Run(int shards, int replicas, bool hasStorage, Func<Task> body) => Simulator.Run(async () =>
    {
        Kubernetes.Start();
        Operator.Start();
        await Kubernetes.User.CreateAsync(
            new RedisCluster
            {
                Metadata = new V1ObjectMeta { Name = "orders", NamespaceProperty = "default" },
                Spec = new RedisClusterSpec
                {
                    Shards = shards,
                    ReplicasPerShard = replicas,
                    Image = "redis:7.0",
                    Storage = hasStorage ? new RedisClusterStorage { Size = "1Gi" } : null,
                    Config = new SortedDictionary<string, IntOrString>(StringComparer.Ordinal) { ["cluster-node-timeout"] = 2000 },
                },
            },
            CancellationToken.None);
        await UntilAsync(() => IsReady);
        await body();
    });

    public Task PassAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Simulator.Time);

    public async Task UntilAsync(Func<bool> holds, double within = 60)
    {
        for (var end = Simulator.Now + TimeSpan.FromSeconds(within); !holds();)
        {
            Assert.True(Simulator.Now < end, string.Join('\n', [string.Create(CultureInfo.InvariantCulture, $"not within {within} s:"), .. Simulator.Trace.Lines, .. Conditions()]));
            await PassAsync(0.1);
        }
    }

    /// <summary>The server of a pod.</summary>
    public ServerProcess Server(string pod) => Containers.Find(pod)!.Server!;

    /// <summary>The pod whose server is the master of a shard.</summary>
    public string MasterOf(int shard) => Redis.Running.First(server => server.Name.StartsWith($"orders-{shard}-", StringComparison.Ordinal) && server.View is { IsMaster: true, Slots.IsEmpty: false }).Name;

    IEnumerable<string> Conditions() => Cluster.Status?.Conditions.Select(condition => $"{condition.Type} {condition.Status} {condition.Reason}: {condition.Message}") ?? [];
}
