using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Kubernetes.Hosts;
using Slotwise.Simulation.Operators;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Tests;

/// <summary>A simulated Kubernetes with containers that do nothing, and an operator that reaches no server in them.</summary>
sealed class KubernetesCase
{
    public KubernetesCase(ulong seed = 1, int hosts = 3, KubernetesDelays? delays = null)
    {
        Simulator = new Simulator(seed);
        Simulator.Trace.IsKept = true;
        Network = new Network(Simulator);
        Kubernetes = new SimulatedKubernetes(Simulator, Network, Containers, delays ?? new KubernetesDelays(), hosts);
        Operators = new OperatorWorld { Simulator = Simulator, Kubernetes = Kubernetes, ConnectRedis = (_, _) => new DeafNodes() };
    }

    public Simulator Simulator { get; }

    public Network Network { get; }

    public IdleContainers Containers { get; } = new();

    public SimulatedKubernetes Kubernetes { get; }

    public OperatorWorld Operators { get; init; }

    public static RedisCluster Cluster(int shards = 3, int replicas = 1, bool hasStorage = false) => new()
    {
        Metadata = new V1ObjectMeta { Name = "orders", NamespaceProperty = "default" },
        Spec = new RedisClusterSpec { Shards = shards, ReplicasPerShard = replicas, Image = "redis:7.0", Storage = hasStorage ? new RedisClusterStorage { Size = "1Gi" } : null },
    };

    public V1Pod? Pod(string name) => Kubernetes.Caches.Pods.Get(new NamespacedName("default", name));

    public IReadOnlyList<V1Pod> Pods => Kubernetes.Caches.Pods.List();

    public V1StatefulSet? Set(string name) => Kubernetes.User.ListAsync<V1StatefulSet>("default", new ListOptions(), CancellationToken.None).Result.Items.FirstOrDefault(set => set.Metadata.Name == name);

    public Task DeletePodAsync(string name, int? grace = null) =>
        Kubernetes.User.DeleteAsync<V1Pod>("default", name, new DeleteOptions { GracePeriodSeconds = grace }, CancellationToken.None);

    public Host HostOf(string pod) => Kubernetes.Hosts.Single(host => host.Name == Pod(pod)!.Spec!.NodeName);

    public static bool IsReady(V1Pod? pod) => pod?.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>Runs the case with an operator, until the body is done.</summary>
    public void Run(Func<Task> body) => Simulator.Run(() =>
    {
        Kubernetes.Start();
        return body();
    });

    public Task PassAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Simulator.Time);

    /// <summary>Waits until something holds.</summary>
    public async Task UntilAsync(Func<bool> holds, double within = 60)
    {
        for (var end = Simulator.Now + TimeSpan.FromSeconds(within); !holds();)
        {
            Assert.True(Simulator.Now < end, $"not within {within} s:\n{string.Join('\n', Simulator.Trace.Lines)}");
            await PassAsync(0.05);
        }
    }

    /// <summary>A StatefulSet without an operator.</summary>
    public Task CreateSetAsync(string name, int replicas, Func<V1PodSpec, V1PodSpec>? change = null, bool hasClaims = false)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["app"] = name };
        var spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "redis:7.0" }], TerminationGracePeriodSeconds = 10 };
        return Kubernetes.User.CreateAsync(
            new V1StatefulSet
            {
                Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
                Spec = new V1StatefulSetSpec
                {
                    Replicas = replicas,
                    ServiceName = name,
                    PodManagementPolicy = "Parallel",
                    UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "OnDelete" },
                    Selector = new V1LabelSelector { MatchLabels = labels },
                    Template = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = labels }, Spec = change?.Invoke(spec) ?? spec },
                    VolumeClaimTemplates = !hasClaims ? null :
                    [
                        new V1PersistentVolumeClaim
                        {
                            Metadata = new V1ObjectMeta { Name = "data" },
                            Spec = new V1PersistentVolumeClaimSpec
                            {
                                AccessModes = ["ReadWriteOnce"],
                                Resources = new V1ResourceRequirements { Requests = new SortedDictionary<string, Quantity>(StringComparer.Ordinal) { ["storage"] = "1Gi" } },
                            },
                        },
                    ],
                },
            },
            CancellationToken.None);
    }
}
