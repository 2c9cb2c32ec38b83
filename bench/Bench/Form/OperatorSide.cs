using System.Globalization;
using Microsoft.Extensions.Logging;
using Slotwise.Entities;
using Slotwise.Entities.Crd;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Events;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore;
using Slotwise.Reconcilers;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Bench.Form;

/// <summary>The operator's own reconciler on an API server in memory, with pods that are bare servers.</summary>
sealed class OperatorSide : IAsyncDisposable
{
    static readonly NamespacedName Key = new("bench", "form");

    readonly RedisConnectionPool _pool = new();
    readonly CancellationTokenSource _stop = new();
    readonly List<Task> _loops = [];
    readonly ServerFleet _fleet = new();
    readonly Store _store;
    readonly CountingApi _api;
    readonly ClusterInformers _informers;
    readonly RedisClusterController _reconciler;
    readonly Controller<RedisCluster> _controller;
    readonly CancellationTokenSource _pause = new();
    Task _passes = Task.CompletedTask;

    public OperatorSide()
    {
        _store = new Store(new StoreOptions { Time = TimeProvider.System, Random = new Random(1) });
        _api = new CountingApi(new StoreKubernetesApi(_store, "bench"));
        var logger = LoggerFactory.Create(_ => { });
        _informers = new ClusterInformers(_api, [], TimeProvider.System, new Random(1), logger.CreateLogger("informers"));
        _reconciler = new RedisClusterController(
            _informers.Caches,
            new ClusterObserver(_informers.Caches, _pool, TimeProvider.System),
            _api,
            _pool,
            new RandomPasswordSource(),
            new NoEvents(),
            TimeProvider.System,
            logger.CreateLogger<RedisClusterController>());
        _controller = new Controller<RedisCluster>(_reconciler, new ControllerOptions(), TimeProvider.System, logger.CreateLogger("controller"));
        _informers.Attach(_controller);
    }

    public int Writes => _api.Writes;

    public RedisConnectionPool Pool => _pool;

    public IReadOnlyList<string> Addresses => _fleet.Addresses;

    /// <summary>Makes the objects and the pods with their servers, and waits until all pods are ready. Nothing is formed yet.</summary>
    public async Task PrepareAsync(int network, int shards, int replicas, CancellationToken cancellationToken)
    {
        await CreateKindAsync(cancellationToken);
        var cluster = await _api.CreateAsync(
            new RedisCluster
            {
                Metadata = new V1ObjectMeta { Name = Key.Name, NamespaceProperty = Key.Namespace },
                Spec = new RedisClusterSpec { Shards = shards, ReplicasPerShard = replicas, Image = "redis:7.0" },
            },
            cancellationToken);
        var secret = await _api.CreateAsync(Credentials.BuildSecret(cluster, "operator-password-of-the-bench", "replication-password-of-the-bench"), cancellationToken);
        var acl = _fleet.WriteFile("users.acl", secret.Data![Credentials.AclFileKey]);
        var conf = ConfigMaps.Build(cluster).Data![ConfigMaps.RedisConfKey].Split('\n').Where(line => !line.StartsWith("bind ", StringComparison.Ordinal)
            && !line.StartsWith("dir ", StringComparison.Ordinal)
            && !line.StartsWith("aclfile ", StringComparison.Ordinal));
        var config = $"{string.Join('\n', conf)}\naclfile {acl}\nmasterauth replication-password-of-the-bench";
        for (var shard = 0; shard < shards; shard++)
        {
            var set = await _api.CreateAsync(StatefulSets.Build(cluster, shard), cancellationToken);
            for (var ordinal = 0; ordinal <= replicas; ordinal++)
            {
                var pod = await _api.CreateAsync(BuildPod(cluster, set, shard, ordinal), cancellationToken);
                _fleet.Start(network, $"{RedisConfig.RunDirectory}/{cluster.Metadata.Uid}/{pod.Metadata.Uid}/redis.conf", config);
                await _api.ApplyAsync(Ready(pod, _fleet.Addresses[^1]), new ApplyOptions { FieldManager = "kubelet", Subresource = "status" }, cancellationToken);
            }
        }

        await _fleet.WaitUntilUpAsync(_pool, credentials: null, cancellationToken);
        _loops.AddRange(_informers.All.Select(informer => informer.RunAsync(_stop.Token)));
        await Task.WhenAll(_informers.All.Select(informer => informer.WaitForSyncAsync(cancellationToken)));
    }

    /// <summary>Lets the operator loose.</summary>
    public void Go() => _passes = _controller.RunAsync(_pause.Token);

    /// <summary>Ends the operator's own passes; the caches stay up to date.</summary>
    public async Task PauseAsync()
    {
        await _pause.CancelAsync();
        await _passes;
    }

    /// <summary>One pass, now.</summary>
    public Task PassAsync(CancellationToken cancellationToken) => _reconciler.ReconcileAsync(Key, cancellationToken);

    /// <summary>Waits until the status says Ready and nothing is written any more.</summary>
    public async Task WaitUntilSettledAsync(CancellationToken cancellationToken)
    {
        var writes = -1;
        while (writes != _api.Writes || !IsReady())
        {
            writes = _api.Writes;
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }

        bool IsReady() => _informers.Caches.Clusters.Get(Key)?.Status?.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
    }

    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_loops.Select(loop => loop.ContinueWith(_ => { }, TaskScheduler.Default)));
        var uid = _informers.Caches.Clusters.Get(Key)?.Metadata.Uid;
        _controller.Dispose();
        await _pool.DisposeAsync();
        await _fleet.DisposeAsync();
        if (uid is not null)
        {
            Directory.Delete($"{RedisConfig.RunDirectory}/{uid}", recursive: true);
            if (!Directory.EnumerateFileSystemEntries(RedisConfig.RunDirectory).Any())
            {
                Directory.Delete(RedisConfig.RunDirectory);
            }
        }

        _stop.Dispose();
        _pause.Dispose();
    }

    async Task CreateKindAsync(CancellationToken cancellationToken)
    {
        await _api.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = Key.Namespace } }, cancellationToken);
        _store.Create(
            _store.Kinds.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!,
            ns: null,
            KubernetesYaml.Read(RedisClusterCrd.Render())!.AsObject(),
            new WriteOptions { Manager = "bench" });
    }

    static V1Pod BuildPod(RedisCluster cluster, V1StatefulSet set, int shard, int ordinal) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = ClusterNames.Pod(Key.Name, shard, ordinal),
            NamespaceProperty = Key.Namespace,
            Labels = ClusterMetadata.Labels(cluster, shard),
            OwnerReferences = [new V1OwnerReference { ApiVersion = set.ApiVersion, Kind = set.Kind, Name = set.Metadata.Name!, Uid = set.Metadata.Uid!, Controller = true }],
        },
        Spec = PodTemplates.Build(cluster, shard).Spec! with { NodeName = string.Create(CultureInfo.InvariantCulture, $"host-{shard % 3}") },
    };

    static V1Pod Ready(V1Pod pod, string address) => new()
    {
        Metadata = new V1ObjectMeta { Name = pod.Metadata.Name, NamespaceProperty = pod.Metadata.NamespaceProperty },
        Status = new V1PodStatus
        {
            Phase = "Running",
            PodIP = address,
            Conditions = [new V1PodCondition { Type = "Ready", Status = "True" }],
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = ClusterNames.RedisContainer,
                    Image = "redis:7.0",
                    ImageID = "redis:7.0",
                    Ready = true,
                    ContainerID = $"bench://{pod.Metadata.Uid}",
                    State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = TimeProvider.System.GetUtcNow() } },
                },
            ],
        },
    };

    sealed class NoEvents : IEventRecorder
    {
        public void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note)
        {
        }
    }
}
