using System.Net;
using System.Text.Json.Nodes;
using Slotwise.Entities.Crd;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api.Resources;
using Slotwise.LocalKubernetes.Api.Security.Admission;
using Slotwise.LocalKubernetes.Controllers.Claims;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Kubernetes.Api;
using Slotwise.Simulation.Kubernetes.Control;
using Slotwise.Simulation.Kubernetes.Hosts;
using Slotwise.Simulation.Kubernetes.Objects;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes;

/// <summary>A Kubernetes of some hosts on virtual time: the store of an API server, the controllers, and kubelets that start containers through a port.</summary>
public sealed class SimulatedKubernetes
{
    static readonly JsonObject Definition = KubernetesYaml.Read(RedisClusterCrd.Render())!.AsObject();

    /// <summary>The definition is the same in every world, and checked once.</summary>
    static readonly Store Definitions = Define();

    static readonly TimeSpan EvictionRetry = TimeSpan.FromSeconds(5);

    readonly List<Host> _hosts = [];
    readonly Evictions _evictions;
    readonly SortedSet<string> _missingImages = new(StringComparer.Ordinal);
    int _containers;

    /// <param name="hosts">How many there are, each in a zone of its own.</param>
    /// <param name="runtime">Starts the containers.</param>
    public SimulatedKubernetes(Simulator simulator, Network network, IContainerRuntime runtime, KubernetesDelays delays, int hosts)
    {
        Simulator = simulator;
        Network = network;
        Runtime = runtime;
        Delays = delays;
        Random = simulator.NewRandom("kubernetes");
        var feed = new ChangeFeed();
        Store = new Store(new StoreOptions
        {
            Time = simulator.Time,
            Random = simulator.NewRandom("uids"),
            Admission = [new ClaimAdmission(), new ClaimProtection()],
            Changed = feed.Tell,
            RememberedChanges = 256,
        });
        Store.AdoptDefinition(Definitions, Meta.Name(Definition));
        _evictions = new Evictions(Store, simulator.Time);
        User = new StoreKubernetesApi(Store, "user");
        KubeletApi = new StoreKubernetesApi(Store, "kubelet");
        User.CreateAsync(ClaimController.Standard, CancellationToken.None).GetAwaiter().GetResult();
        Caches = new Caches(Store, feed);
        Addresses = new Addresses();
        Disks = new Disks(Caches.Claims);
        Names = new Names(simulator, Caches.Pods, () => Draw(delays.Names));
        feed.Listen(new GarbageCollector(simulator, () => Store, () => Draw(delays.Controller)).Hear);
        ControlPlane = new ControlPlane(this, new StoreKubernetesApi(Store, "kube-controller-manager"), _hosts);
        for (var index = 0; index < hosts; index++)
        {
            _hosts.Add(new Host(this, index));
        }

        Api = new ApiServer(this, feed);
        Caches.ConfigMaps.AddHandler((before, after) => TellPods((after ?? before)!.Metadata.Name!));
        Caches.Secrets.AddHandler((before, after) => TellPods((after ?? before)!.Metadata.Name!));
    }

    /// <summary>What is between clients and the store, with its faults.</summary>
    public ApiServer Api { get; }

    /// <summary>Asks the store itself: the user, and who looks at the world from outside. It always answers, at once and right.</summary>
    public IKubernetesApi User { get; }

    public IReadOnlyList<Host> Hosts => _hosts;

    public Addresses Addresses { get; }

    public Disks Disks { get; }

    public Names Names { get; }

    public Store Store { get; }

    /// <summary>What all delays are multiplied by.</summary>
    public double Pace { get; set; } = 1;

    internal Simulator Simulator { get; }

    internal Network Network { get; }

    internal IContainerRuntime Runtime { get; }

    internal KubernetesDelays Delays { get; }

    internal Random Random { get; }

    internal Caches Caches { get; }

    internal ControlPlane ControlPlane { get; }

    internal IKubernetesApi KubeletApi { get; }

    /// <summary>Turns all hosts on. To be called in the simulation.</summary>
    public void Start()
    {
        ControlPlane.Start();
        foreach (var host in _hosts)
        {
            host.TurnOn(atOnce: true);
        }
    }

    /// <summary>Asks for a pod to go as a drain does.</summary>
    /// <exception cref="KubernetesApiException">429: its budget does not allow it now.</exception>
    public void Evict(string ns, string pod) => _evictions.Evict(ns, pod, new DeleteOptions());

    /// <summary>Lets no pod come to a host any more, or again.</summary>
    public void Cordon(string host, bool isCordoned = true) =>
        User.MergePatchAsync<V1Node>(null, host, new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = isCordoned ? true : null } }, null, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Cordons a host and evicts its pods, one after the other where budgets want it so, until none is left or somebody uncordons it: <c>kubectl drain</c>.</summary>
    public void Drain(string host)
    {
        Cordon(host);
        Simulator.Trace.Add(host, "drained");
        EvictAll(host);
    }

    /// <summary>Says that an image cannot be pulled, or can again.</summary>
    public void SetMissing(string image, bool isMissing)
    {
        if (isMissing)
        {
            _missingImages.Add(image);
        }
        else
        {
            _missingImages.Remove(image);
        }
    }

    internal bool HasImage(string image) => !_missingImages.Contains(image);

    internal int NextContainer() => ++_containers;

    internal TimeSpan Draw(Between delay) => delay.Draw(Random) * Pace;

    void EvictAll(string host)
    {
        if (Caches.Nodes.Get(new NamespacedName("", host)) is not { Spec.Unschedulable: true })
        {
            return;
        }

        var left = Caches.Pods.List().Where(pod => pod.Spec?.NodeName == host).ToList();
        foreach (var pod in left.Where(pod => pod.Metadata.DeletionTimestamp is null))
        {
            try
            {
                Evict(pod.Metadata.NamespaceProperty!, pod.Metadata.Name!);
            }
            catch (KubernetesApiException refusal) when (refusal.Code == HttpStatusCode.TooManyRequests)
            {
                // kubectl tries again after 5 s
            }
        }

        if (left.Count > 0)
        {
            Simulator.After(EvictionRetry, () => EvictAll(host));
        }
    }

    static Store Define()
    {
        var simulator = new Simulator(seed: 0);
        var store = new Store(new StoreOptions { Time = simulator.Time, Random = simulator.NewRandom("uids") });
        store.Create(store.Kinds.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!, ns: null, Definition, new WriteOptions { Manager = "simulation" });
        return store;
    }

    void TellPods(string name)
    {
        foreach (var pod in _hosts.SelectMany(host => host.Pods.Values))
        {
            pod.Files.HearObject(name);
        }
    }
}
