using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Entities;
using Slotwise.Entities.Crd;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Events;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Resources;
using Slotwise.Testing;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>
/// The real reconciler on an API server in memory and model servers. A kubelet of one method makes the pods. Nothing runs by itself:
/// each test says what happens next.
/// </summary>
sealed class ClusterWorld
{
    readonly Store _store;
    readonly StoreKubernetesApi _api;
    readonly Kubelet _kubelet;

    /// <param name="checksRules">Whether the API server checks the rules of the definition; the operator, which checks them again, stands alone without it.</param>
    public ClusterWorld(bool checksRules = true)
    {
        _store = new Store(new StoreOptions { Time = Time, Random = new Random(1) });
        _api = new StoreKubernetesApi(_store, "kubelet");
        Redis = new ModelRedis(Time);
        Ledger = new KeyLedger(Redis);
        Api = new FaultyApi(new StoreKubernetesApi(_store, "slotwise"));
        _store.Create(
            _store.Kinds.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!,
            ns: null,
            checksRules ? Definition.DeepClone().AsObject() : WithoutRules(Definition).AsObject(),
            new WriteOptions { Manager = "test" });
        Caches = new ClusterCaches
        {
            Clusters = new StoreCache<RedisCluster>(_store),
            Pods = new StoreCache<V1Pod>(_store),
            Services = new StoreCache<V1Service>(_store),
            ConfigMaps = new StoreCache<V1ConfigMap>(_store),
            Secrets = new StoreCache<V1Secret>(_store),
            NetworkPolicies = new StoreCache<V1NetworkPolicy>(_store),
            DisruptionBudgets = new StoreCache<V1PodDisruptionBudget>(_store),
            StatefulSets = new StoreCache<V1StatefulSet>(_store),
            Claims = new StoreCache<V1PersistentVolumeClaim>(_store),
            Hosts = new StoreCache<V1Node>(_store),
        };
        Hosts = new Hosts(_api, Caches, Time);
        _kubelet = new Kubelet(_api, Caches, Redis, Hosts, Time);
        WatchedSince = Time.GetUtcNow();
    }

    static JsonObject Definition { get; } = KubernetesYaml.Read(RedisClusterCrd.Render())!.AsObject();

    static JsonNode WithoutRules(JsonNode schema) => schema switch
    {
        JsonObject obj => new JsonObject(obj.Where(pair => pair.Key != "x-kubernetes-validations").Select(pair => KeyValuePair.Create(pair.Key, pair.Value is null ? null : WithoutRules(pair.Value)))),
        JsonArray array => new JsonArray([.. array.Select(item => item is null ? null : WithoutRules(item))]),
        _ => schema.DeepClone(),
    };

    public static NamespacedName Key { get; } = new("default", "orders");

    public FakeTimeProvider Time { get; } = new();

    public ModelRedis Redis { get; }

    public Hosts Hosts { get; }

    /// <summary>Since when the operators of this world say that they work.</summary>
    public DateTimeOffset WatchedSince { get; set; }

    /// <summary>What clients wrote and got acknowledged.</summary>
    public KeyLedger Ledger { get; }

    public FaultyApi Api { get; }

    public ClusterCaches Caches { get; }

    public List<string> Events { get; } = [];

    /// <summary>Pods that the kubelet shall not start, and why.</summary>
    public SortedDictionary<string, (string Reason, string Message)> Broken => _kubelet.Broken;

    /// <summary>Images that do not exist.</summary>
    public SortedSet<string> Unpullable => _kubelet.Unpullable;

    /// <inheritdoc cref="Kubelet.Unready"/>
    public SortedSet<string> Unready => _kubelet.Unready;

    /// <summary>On which host a pod is started, else on the next of three.</summary>
    public Func<string, string> HostOf
    {
        set => _kubelet.HostOf = value;
    }

    /// <summary>Whether the storage makes volumes larger that are asked to be.</summary>
    public bool GrowsVolumes
    {
        set => _kubelet.GrowsVolumes = value;
    }

    public RedisCluster Cluster => Caches.Clusters.Get(Key) ?? throw new InvalidOperationException($"{Key} does not exist");

    public RedisClusterStatus Status => Cluster.Status ?? throw new InvalidOperationException("there is no status yet");

    /// <summary>Writes so far, to Kubernetes and to Redis.</summary>
    public int Writes => Api.Writes + Redis.Writes.Count;

    public static RedisCluster NewCluster(int shards = 3, int replicas = 1) => new()
    {
        Metadata = new V1ObjectMeta { Name = Key.Name, NamespaceProperty = Key.Namespace },
        Spec = new RedisClusterSpec { Shards = shards, ReplicasPerShard = replicas, Image = "redis:7.0" },
    };

    /// <summary>The user applies a cluster; what he leaves out later is taken back.</summary>
    public Task<RedisCluster> CreateAsync(RedisCluster cluster) => _api.ApplyAsync(cluster, new ApplyOptions { FieldManager = "user" }, CancellationToken.None);

    public V1Condition Condition(string type) => Status.Conditions.Single(condition => condition.Type == type);

    /// <summary>What the operator noted on a StatefulSet.</summary>
    public string? Note(string set, string annotation) =>
        Caches.StatefulSets.Get(new NamespacedName(Key.Namespace, set))?.Metadata.Annotations?.GetValueOrDefault(annotation);

    /// <summary>One pass of an operator that was started just now: it can remember nothing.</summary>
    /// <param name="planned">What happens in the world between the plan and its steps.</param>
    public async Task<TimeSpan?> PassAsync(Action? planned = null)
    {
        var controller = new RedisClusterController(
            Caches,
            new ClusterObserver(Caches, Redis, Time) { WatchedSince = WatchedSince },
            Api,
            Redis,
            new CountingPasswords(),
            new ListedEvents(Events),
            Time,
            NullLogger<RedisClusterController>.Instance,
            observation =>
            {
                var plan = ClusterPlanner.Plan(observation);
                planned?.Invoke();
                return plan;
            });
        return (await controller.ReconcileAsync(Key, CancellationToken.None)).RequeueAfter;
    }

    /// <summary>Whether the cluster is as it shall be and the operator has nothing left to do.</summary>
    bool IsSettled => Cluster.Status is { } status
        && status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" })
        && status.Conditions.Any(condition => condition is { Type: "Reconciling", Status: "False" });

    /// <summary>Passes, kubelet and gossip in turn, until the cluster is Ready and a further pass has nothing to do.</summary>
    public async Task SettleAsync(int rounds = 40)
    {
        for (var round = 0; round < rounds; round++)
        {
            var before = Writes;
            await RoundAsync();
            if (before == Writes && IsSettled)
            {
                return;
            }
        }

        Assert.Fail($"not settled after {rounds} rounds: {string.Join("; ", Status.Conditions.Select(condition => $"{condition.Type}={condition.Status} {condition.Message}"))}");
    }

    /// <summary>A pass, then what Kubernetes and the servers make of it.</summary>
    public async Task RoundAsync()
    {
        await PassAsync();
        await RunKubeletAsync();
        Redis.Gossip();
        Time.Advance(TimeSpan.FromMilliseconds(100));
    }

    /// <summary>Ten seconds of passes, kubelet and gossip, for what shall not or cannot settle.</summary>
    public async Task RunAsync()
    {
        for (var round = 0; round < 10; round++)
        {
            await PassAsync();
            await RunKubeletAsync();
            Redis.Gossip();
            Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Settles although the operator may die at any write; it is started again each time.</summary>
    public async Task SettleThroughCrashesAsync(int rounds = 40)
    {
        while (true)
        {
            try
            {
                await SettleAsync(rounds);
                return;
            }
            catch (OperatorCrashedException)
            {
                // The next pass is that of a new process.
            }
        }
    }

    /// <summary>A Service that somebody else made under a name that the cluster needs.</summary>
    public Task CreateStrangerAsync(string service, V1OwnerReference? owner = null) => _api.CreateAsync(
        new V1Service
        {
            Metadata = new V1ObjectMeta { Name = service, NamespaceProperty = Key.Namespace, OwnerReferences = owner is null ? null : [owner] },
            Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 80 }] },
        },
        CancellationToken.None);

    /// <summary>Somebody deletes the Secret with the passwords.</summary>
    public Task DeleteCredentialsAsync() =>
        _api.DeleteAsync<V1Secret>(Key.Namespace, ClusterNames.CredentialsSecret(Key.Name), new DeleteOptions(), CancellationToken.None);

    /// <summary>The user edits the spec.</summary>
    public Task ChangeAsync(Func<RedisClusterSpec, RedisClusterSpec> change)
    {
        var cluster = Cluster;
        return _api.ApplyAsync(
            new RedisCluster
            {
                Metadata = new V1ObjectMeta { Name = Key.Name, NamespaceProperty = Key.Namespace },
                Spec = change(cluster.Spec),
            },
            new ApplyOptions { FieldManager = "user" },
            CancellationToken.None);
    }

    /// <summary>The user decides something by an annotation.</summary>
    public Task AnnotateAsync(string name, string? value) => _api.MergePatchAsync<RedisCluster>(
        Key.Namespace,
        Key.Name,
        new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [name] = value } } },
        subresource: null,
        CancellationToken.None);

    /// <summary>A note that an earlier operator left on a StatefulSet.</summary>
    public Task AnnotateStatefulSetAsync(string set, string name, string value) => _api.MergePatchAsync<V1StatefulSet>(
        Key.Namespace,
        set,
        new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [name] = value } } },
        subresource: null,
        CancellationToken.None);

    /// <summary>The file from which servers start, as it is now.</summary>
    public string RedisConf => Caches.ConfigMaps.List().Single().Data![ConfigMaps.RedisConfKey];

    /// <summary>Somebody edits the file from which servers start.</summary>
    public Task SpoilRedisConfAsync(string text) => _api.MergePatchAsync<V1ConfigMap>(
        Key.Namespace,
        ClusterNames.ConfigMap(Key.Name),
        new JsonObject { ["data"] = new JsonObject { [ConfigMaps.RedisConfKey] = text } },
        subresource: null,
        CancellationToken.None);

    /// <summary>Somebody deletes the ConfigMap.</summary>
    public Task DeleteConfigMapAsync() => _api.DeleteAsync<V1ConfigMap>(Key.Namespace, ClusterNames.ConfigMap(Key.Name), new DeleteOptions(), CancellationToken.None);

    /// <summary>A host, as Kubernetes knows it.</summary>
    public Task CreateHostAsync(string name, string zone) => _api.CreateAsync(
        new V1Node { Metadata = new V1ObjectMeta { Name = name, Labels = new SortedDictionary<string, string> { ["topology.kubernetes.io/zone"] = zone } } },
        CancellationToken.None);

    /// <summary>The claim of a pod.</summary>
    public V1PersistentVolumeClaim Claim(string pod) =>
        Caches.Claims.Get(new NamespacedName(Key.Namespace, $"data-{pod}")) ?? throw new InvalidOperationException($"there is no claim of {pod}");

    public V1StatefulSet Set(string name) =>
        Caches.StatefulSets.Get(new NamespacedName(Key.Namespace, name)) ?? throw new InvalidOperationException($"there is no StatefulSet {name}");

    /// <summary>Garbage collection: what belongs to nobody that is there goes, as Kubernetes has it go without any operator.</summary>
    public Task CollectGarbageAsync() => _kubelet.CollectGarbageAsync();

    /// <summary>The user deletes the cluster.</summary>
    public Task DeleteClusterAsync() =>
        _api.DeleteAsync<RedisCluster>(Key.Namespace, Key.Name, new DeleteOptions { PropagationPolicy = "Background" }, CancellationToken.None);

    /// <summary>Every command that changes a server takes as long from now on, so that moving slots takes several passes.</summary>
    public void SlowDown(TimeSpan perWrite) => Redis.AfterWrite = _ => Time.Advance(perWrite);

    /// <summary>Somebody points a Service at other pods.</summary>
    public Task SpoilServiceAsync(string service) => _api.MergePatchAsync<V1Service>(
        Key.Namespace,
        service,
        new JsonObject { ["spec"] = new JsonObject { ["selector"] = new JsonObject { [RedisClusterLabels.Cluster] = "another" } } },
        subresource: null,
        CancellationToken.None);

    /// <summary>The user deletes the cluster and makes it again; nobody has deleted what the first one owned yet.</summary>
    public async Task ReplaceClusterAsync()
    {
        await DeleteClusterAsync();
        await CreateAsync(NewCluster());
    }

    /// <summary>Makes the pods that StatefulSets want, each with a running server, and ends those that they no longer want.</summary>
    public Task RunKubeletAsync() => _kubelet.RunAsync();

    public V1Pod Pod(string name) => _kubelet.Pod(name);

    /// <summary>A pod whose server owns no slot, so that nothing is lost with it; null if there is none.</summary>
    public string? FirstPodWithoutSlots() =>
        Caches.Pods.List().FirstOrDefault(pod => Redis.At(pod.Status!.PodIP!).Slots.IsEmpty)?.Metadata.Name;

    public ModelServer Server(string pod) => Redis.At(Pod(pod).Status!.PodIP!);

    /// <summary>The pod ends; where there are volumes what it knew and held stays on its own.</summary>
    public Task DeletePodAsync(string name) => _kubelet.DeletePodAsync(name);

    /// <summary>The server's process ended and was started again in place: nodes.conf is there, the keys only with an append-only file.</summary>
    public Task RestartContainerAsync(string pod, bool keepsKeys) => _kubelet.RestartContainerAsync(pod, keepsKeys);

    /// <summary>The server's process ended and does not start.</summary>
    public Task EndContainerAsync(string pod) => _kubelet.EndContainerAsync(pod);

    /// <summary>The server's process ended; the next container's start script waits before it starts a server.</summary>
    public Task HoldContainerAsync(string pod) => _kubelet.HoldContainerAsync(pod);

    public Task BecomeReadyAsync(string pod) => _kubelet.BecomeReadyAsync(pod);

    /// <inheritdoc cref="Kubelet.BecomeUnreadyAsync"/>
    public Task BecomeUnreadyAsync(string pod) => _kubelet.BecomeUnreadyAsync(pod);

    /// <summary>The server of such a container starts without its keys, under its id or as a new node.</summary>
    public Task ReleaseContainerAsync(string pod, bool asNewNode) => _kubelet.ReleaseContainerAsync(pod, asNewNode);

    /// <summary>Somebody deletes the pod; its container runs on for now.</summary>
    public Task BeginDeletionAsync(string pod) => _kubelet.BeginDeletionAsync(pod);

    /// <summary>Somebody removes the pod object; the process is not touched by that.</summary>
    public Task ForceDeleteAsync(string pod) => _kubelet.ForceDeleteAsync(pod);

    /// <summary>The power of a host goes.</summary>
    public Task LoseHostAsync(string host) => _kubelet.LoseHostAsync(host);

    /// <summary>The pods of a host that is gone or out of service are dropped.</summary>
    public Task ForgetPodsAsync(string host) => _kubelet.ForgetPodsAsync(host);

    public Task DeleteStatefulSetAsync(string name, string? propagation = null) =>
        _api.DeleteAsync<V1StatefulSet>(Key.Namespace, name, new DeleteOptions { PropagationPolicy = propagation }, CancellationToken.None);

    /// <summary>Puts keys into the cluster, each where its slot is, and remembers them.</summary>
    public void Fill(int keys) => Ledger.Fill(keys);

    sealed class CountingPasswords : IPasswordSource
    {
        int _count;

        public string Next() => string.Create(CultureInfo.InvariantCulture, $"password-{++_count}-that-nobody-may-see");
    }

    sealed class ListedEvents(List<string> events) : IEventRecorder
    {
        public void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note) => events.Add($"{type} {reason}: {note}");
    }
}
