using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Kubernetes;
using Slotwise.Simulation.Operators;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers.Tests;

public sealed class ClusterRunTests
{
    [Fact]
    public void A_cluster_forms_and_becomes_Ready_and_a_seed_decides_how()
    {
        Assert.Equal(Form(1), Form(1));
        Assert.NotEqual(Form(1), Form(2));
    }

    static string Form(ulong seed)
    {
        var simulator = new Simulator(seed);
        simulator.Trace.IsKept = true;
        var network = new Network(simulator);
        var redis = new RedisWorld(simulator, network);
        var kubernetes = new SimulatedKubernetes(simulator, network, new RedisContainers(redis), new KubernetesDelays(), 3);
        kubernetes.Addresses.Released = redis.RemoveAddress;
        var slotwise = new SimulatedOperator(
            new OperatorWorld
            {
                Simulator = simulator,
                Kubernetes = kubernetes,
                ConnectRedis = (process, address) =>
                {
                    var nodes = redis.NodesFor(address);
                    process.Ended += nodes.Close;
                    return nodes;
                },
            },
            "operator-0");
        simulator.Run(async () =>
        {
            kubernetes.Start();
            slotwise.Start();
            await kubernetes.User.CreateAsync(
                new RedisCluster
                {
                    Metadata = new V1ObjectMeta { Name = "orders", NamespaceProperty = "default" },
                    Spec = new RedisClusterSpec { Shards = 3, ReplicasPerShard = 1, Image = "redis:7.0" },
                },
                CancellationToken.None);
            while (!await IsReadyAsync(kubernetes))
            {
                Assert.True(simulator.Now < TimeSpan.FromSeconds(60), string.Join('\n', [.. simulator.Trace.Lines, .. await ConditionsAsync(kubernetes)]));
                await Task.Delay(TimeSpan.FromMilliseconds(100), simulator.Time);
            }
        });
        return simulator.Trace.Digest;
    }

    static async Task<bool> IsReadyAsync(SimulatedKubernetes kubernetes) => (await ConditionsAsync(kubernetes)).Any(condition => condition.StartsWith("Ready True", StringComparison.Ordinal));

    static async Task<IEnumerable<string>> ConditionsAsync(SimulatedKubernetes kubernetes)
    {
        var cluster = await kubernetes.User.GetAsync<RedisCluster>("default", "orders", CancellationToken.None);
        return cluster.Status?.Conditions.Select(condition => $"{condition.Type} {condition.Status} {condition.Reason}: {condition.Message}") ?? [];
    }
}
