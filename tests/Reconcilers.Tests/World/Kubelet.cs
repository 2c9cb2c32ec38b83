using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>StatefulSet controller, garbage collector, volumes and kubelet in one: pods as the StatefulSets want them, each with a model server.</summary>
sealed class Kubelet(IKubernetesApi api, ClusterCaches caches, ModelRedis redis, Hosts hosts, TimeProvider time)
{
    /// <summary>What is on each volume, by claim: nodes.conf and keys of the server that ran on it.</summary>
    readonly SortedDictionary<string, ModelServer> _disks = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, ModelServer> _held = new(StringComparer.Ordinal);
    readonly SortedSet<string> _lingering = new(StringComparer.Ordinal);
    int _addresses;

    /// <summary>Pods that shall not start, and why.</summary>
    public SortedDictionary<string, (string Reason, string Message)> Broken { get; } = new(StringComparer.Ordinal);

    /// <summary>Images that do not exist.</summary>
    public SortedSet<string> Unpullable { get; } = new(StringComparer.Ordinal);

    /// <summary>Pods whose readiness probe fails although their server does all that it shall.</summary>
    public SortedSet<string> Unready { get; } = new(StringComparer.Ordinal);

    /// <summary>On which host a pod is started; null leaves that to the hosts.</summary>
    public Func<string, string>? HostOf { get; set; }

    /// <summary>Whether volumes grow when they are asked to.</summary>
    public bool GrowsVolumes { get; set; } = true;

    static string Namespace => ClusterWorld.Key.Namespace;

    public V1Pod Pod(string name) => Find(name) ?? throw new InvalidOperationException($"no pod {name}");

    public async Task RunAsync()
    {
        await OrphanAsync();
        await AdoptAsync();
        foreach (var pod in caches.Pods.List())
        {
            if (!IsWanted(pod) || (pod.Metadata.DeletionTimestamp is not null && !_lingering.Contains(pod.Metadata.Uid!)))
            {
                await DeletePodAsync(pod.Metadata.Name!);
            }
        }

        foreach (var set in caches.StatefulSets.List().Where(set => set.Metadata.DeletionTimestamp is null))
        {
            for (var ordinal = 0; ordinal < set.Spec!.Replicas; ordinal++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{set.Metadata.Name}-{ordinal}");
                if (Find(name) is null)
                {
                    await StartPodAsync(set, name);
                }
            }

            await ReportAsync(set);
        }

        await GrowAsync();
    }

    /// <summary>Objects of owners that are gone go too; claims, which nobody may own, then stay.</summary>
    public async Task CollectGarbageAsync()
    {
        await CollectAsync(caches.Services);
        await CollectAsync(caches.ConfigMaps);
        await CollectAsync(caches.Secrets);
        await CollectAsync(caches.NetworkPolicies);
        await CollectAsync(caches.DisruptionBudgets);
        await CollectAsync(caches.StatefulSets);
        await RunAsync();
        await CollectAsync(caches.Claims);
    }

    async Task CollectAsync<T>(IObjectCache<T> objects)
        where T : class, IKubernetesObject<T>
    {
        foreach (var obj in objects.List().Where(obj => obj.Metadata.OwnerReferences is { Count: > 0 } owners && !owners.Any(owner => caches.Clusters.List().Any(cluster => cluster.Metadata.Uid == owner.Uid))))
        {
            await api.DeleteAsync<T>(Namespace, obj.Metadata.Name!, new DeleteOptions(), CancellationToken.None);
        }
    }

    /// <summary>StatefulSets that were deleted without their pods: the pods belong to nobody then, and the sets are gone.</summary>
    async Task OrphanAsync()
    {
        foreach (var set in caches.StatefulSets.List().Where(set => set.Metadata is { DeletionTimestamp: not null, Finalizers: not null } && set.Metadata.Finalizers.Contains("orphan")))
        {
            foreach (var pod in caches.Pods.List().Where(pod => OwnerOf(pod) == set.Metadata.Uid))
            {
                await PatchAsync<V1Pod>(pod.Metadata, new JsonObject { ["ownerReferences"] = null });
            }

            await PatchAsync<V1StatefulSet>(set.Metadata, new JsonObject { ["finalizers"] = null });
        }
    }

    /// <summary>A StatefulSet takes pods of its names that belong to nobody.</summary>
    async Task AdoptAsync()
    {
        foreach (var set in caches.StatefulSets.List().Where(set => set.Metadata.DeletionTimestamp is null))
        {
            foreach (var pod in caches.Pods.List().Where(pod => OwnerOf(pod) is null && pod.Metadata.Name![..pod.Metadata.Name!.LastIndexOf('-')] == set.Metadata.Name))
            {
                await PatchAsync<V1Pod>(pod.Metadata, new JsonObject { ["ownerReferences"] = new JsonArray(JsonSerializer.SerializeToNode(Owner(set), KubernetesJson.Default.V1OwnerReference)) });
            }
        }
    }

    /// <summary>Claims are bound to volumes of the size asked for; those that ask for more get more.</summary>
    async Task GrowAsync()
    {
        foreach (var claim in caches.Claims.List())
        {
            var wanted = claim.Spec!.Resources!.Requests!["storage"];
            var has = claim.Status?.Capacity?.GetValueOrDefault("storage");
            if (has is null || (GrowsVolumes && has < wanted))
            {
                await api.ApplyAsync(
                    new V1PersistentVolumeClaim
                    {
                        Metadata = new V1ObjectMeta { Name = claim.Metadata.Name, NamespaceProperty = Namespace },
                        Status = new V1PersistentVolumeClaimStatus { Phase = "Bound", Capacity = new SortedDictionary<string, Quantity> { ["storage"] = wanted } },
                    },
                    new ApplyOptions { FieldManager = "storage", Subresource = "status" },
                    CancellationToken.None);
            }
        }
    }

    Task<T> PatchAsync<T>(V1ObjectMeta metadata, JsonObject change)
        where T : class, IKubernetesObject<T> =>
        api.MergePatchAsync<T>(Namespace, metadata.Name!, new JsonObject { ["metadata"] = change }, subresource: null, CancellationToken.None);

    static string? OwnerOf(V1Pod pod) => pod.Metadata.OwnerReferences?.SingleOrDefault()?.Uid;

    static V1OwnerReference Owner(V1StatefulSet set) => new() { ApiVersion = set.ApiVersion, Kind = set.Kind, Name = set.Metadata.Name!, Uid = set.Metadata.Uid!, Controller = true };

    public async Task DeletePodAsync(string name)
    {
        if (Pod(name).Status?.PodIP is { } address)
        {
            redis.Stop(address);
        }

        await ForceDeleteAsync(name);
    }

    public async Task RestartContainerAsync(string name, bool keepsKeys)
    {
        var pod = Pod(name);
        var server = redis.At(pod.Status!.PodIP!);
        server.Restart(keepsKeys);
        if (server.Config.Load(ConfigurationOf(pod)) is { } refusal)
        {
            redis.Stop(server.Address);
            await ReportAsync(name, Crashing(refusal));
            return;
        }

        var before = pod.Status.ContainerStatuses!.Single();
        await ReportAsync(name, pod.Status with
        {
            ContainerStatuses = [Restarted(pod, before)],
        });
    }

    V1ContainerStatus Restarted(V1Pod pod, V1ContainerStatus before) => before with
    {
        RestartCount = before.RestartCount + 1,
        ContainerID = string.Create(CultureInfo.InvariantCulture, $"model://{pod.Metadata.Uid}/{before.RestartCount + 1}"),
        LastState = new V1ContainerState { Terminated = Terminated(before) },
        State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = time.GetUtcNow() } },
    };

    /// <summary>The process ended, and the next container's start script waits before it starts a server.</summary>
    public async Task HoldContainerAsync(string name)
    {
        var pod = Pod(name);
        var address = pod.Status!.PodIP!;
        _held[name] = redis.At(address);
        redis.Gates[address] = redis.At(address).ConfigFile.Replace("redis.conf", "gate.conf", StringComparison.Ordinal);
        redis.Stop(address);
        var before = pod.Status.ContainerStatuses!.Single();
        await ReportAsync(name, pod.Status with
        {
            Conditions = [new V1PodCondition { Type = "Ready", Status = "False" }],
            ContainerStatuses = [Restarted(pod, before) with { Ready = false, Started = false }],
        });
    }

    /// <summary>The server of a container that waited starts: under its id and without its keys, or as a new node.</summary>
    public async Task ReleaseContainerAsync(string name, bool asNewNode)
    {
        var pod = Pod(name);
        var address = pod.Status!.PodIP!;
        var server = _held[name];
        _held.Remove(name);
        redis.Gates.Remove(address);
        if (asNewNode)
        {
            redis.StartAnew(server);
        }
        else
        {
            server.Restart(keepsKeys: false);
            redis.Join(server);
        }

        var before = pod.Status.ContainerStatuses!.Single();
        await ReportAsync(name, pod.Status with
        {
            Conditions = [new V1PodCondition { Type = "Ready", Status = "True" }],
            ContainerStatuses = [before with { Ready = true, Started = true }],
        });
    }

    /// <summary>The readiness probe of a pod succeeds from now on.</summary>
    public Task BecomeReadyAsync(string name)
    {
        Unready.Remove(name);
        return ReportAsync(name, Pod(name).Status! with { Conditions = [new V1PodCondition { Type = "Ready", Status = "True" }] });
    }

    /// <summary>The pod's readiness probe begins to fail, as that of another container may; its successor's does not.</summary>
    public Task BecomeUnreadyAsync(string name) => ReportAsync(name, Pod(name).Status! with { Conditions = [new V1PodCondition { Type = "Ready", Status = "False" }] });

    /// <summary>The pod is being deleted; its container runs on, as its preStop hook does.</summary>
    public Task BeginDeletionAsync(string name)
    {
        _lingering.Add(Pod(name).Metadata.Uid!);
        return api.DeleteAsync<V1Pod>(Namespace, name, new DeleteOptions { GracePeriodSeconds = 90 }, CancellationToken.None);
    }

    /// <summary>The power of a host goes: its processes end and nobody reports anything.</summary>
    public async Task LoseHostAsync(string host)
    {
        foreach (var pod in caches.Pods.List().Where(pod => pod.Spec!.NodeName == host && pod.Status?.PodIP is not null))
        {
            redis.Stop(pod.Status!.PodIP!);
        }

        await hosts.ReportAsync(host, "Unknown");
    }

    /// <summary>The API server drops the pods of a host that is gone or out of service, without anybody's confirmation.</summary>
    public async Task ForgetPodsAsync(string host)
    {
        foreach (var pod in caches.Pods.List().Where(pod => pod.Spec!.NodeName == host))
        {
            await ForceDeleteAsync(pod.Metadata.Name!);
        }
    }

    /// <summary>The pod object is removed; its process is not touched.</summary>
    public async Task ForceDeleteAsync(string name)
    {
        var pod = Pod(name);
        await api.DeleteAsync<V1Pod>(Namespace, name, new DeleteOptions { GracePeriodSeconds = 0 }, CancellationToken.None);
        caches.EndedPods.Hear(pod, null);
    }

    public async Task EndContainerAsync(string name)
    {
        var pod = Pod(name);
        redis.Stop(pod.Status!.PodIP!);
        var before = pod.Status.ContainerStatuses!.Single();
        await ReportAsync(name, pod.Status with
        {
            Conditions = [new V1PodCondition { Type = "Ready", Status = "False" }],
            ContainerStatuses = [before with { Ready = false, Started = false, State = new V1ContainerState { Terminated = Terminated(before) } }],
        });
    }

    V1ContainerStateTerminated Terminated(V1ContainerStatus before) => new()
    {
        ExitCode = 137,
        Reason = "Error",
        FinishedAt = time.GetUtcNow(),
        ContainerID = before.ContainerID,
    };

    V1Pod? Find(string name) => caches.Pods.Get(new NamespacedName(Namespace, name));

    /// <summary>Whether the pod's very StatefulSet exists and wants that many pods.</summary>
    bool IsWanted(V1Pod pod)
    {
        if (OwnerOf(pod) is not { } owner)
        {
            return true;
        }

        var ordinal = int.Parse(pod.Metadata.Name![(pod.Metadata.Name!.LastIndexOf('-') + 1)..], CultureInfo.InvariantCulture);
        return caches.StatefulSets.List().Any(set => set.Metadata.Uid == owner && ordinal < set.Spec!.Replicas);
    }

    async Task StartPodAsync(V1StatefulSet set, string name)
    {
        var volumes = new List<V1Volume>(set.Spec!.Template.Spec!.Volumes ?? []);
        string? disk = null;
        foreach (var claim in set.Spec.VolumeClaimTemplates ?? [])
        {
            disk = $"{claim.Metadata.Name}-{name}";
            volumes.Add(new V1Volume { Name = claim.Metadata.Name!, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = disk } });
            if (caches.Claims.Get(new NamespacedName(Namespace, disk)) is null)
            {
                _disks.Remove(disk);
                var metadata = claim.Metadata with { Name = disk, NamespaceProperty = Namespace };
                await api.CreateAsync(new V1PersistentVolumeClaim { Metadata = metadata, Spec = claim.Spec }, CancellationToken.None);
            }
        }

        var template = set.Spec!.Template;
        var host = HostOf?.Invoke(name) ?? await hosts.PlaceAsync(name);
        var pod = await api.CreateAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    NamespaceProperty = Namespace,
                    Labels = template.Metadata!.Labels,
                    Annotations = template.Metadata.Annotations,
                    OwnerReferences = [Owner(set)],
                },
                Spec = template.Spec! with { NodeName = host, Volumes = volumes },
            },
            CancellationToken.None);
        var image = template.Spec!.Containers.Single(container => container.Name == "redis").Image!;
        await ReportAsync(
            name,
            Broken.TryGetValue(name, out var trouble) ? Waiting(trouble.Reason, trouble.Message)
            : Unpullable.Contains(image) ? Waiting("ErrImagePull", $"failed to pull {image}: not found")
            : new ModelConfig().Load(ConfigurationOf(pod)) is { } refusal ? Crashing(refusal)
            : disk is not null && _disks.TryGetValue(disk, out var before) && !ModelVersion.Of(image).Reads(before.Version) ? Crashing($"Can't handle RDB format version {before.Version.Format}")
            : Running(pod, set, disk));
    }

    Task<V1Pod> ReportAsync(string pod, V1PodStatus status) => api.ApplyAsync(
        new V1Pod { Metadata = new V1ObjectMeta { Name = pod, NamespaceProperty = Namespace }, Status = status },
        new ApplyOptions { FieldManager = "kubelet", Subresource = "status" },
        CancellationToken.None);

    async Task ReportAsync(V1StatefulSet set)
    {
        var pods = caches.Pods.List().Count(pod => OwnerOf(pod) == set.Metadata.Uid);
        if (set.Status?.Replicas == pods && set.Status.ObservedGeneration == set.Metadata.Generation)
        {
            return;
        }

        await api.ApplyAsync(
            new V1StatefulSet
            {
                Metadata = new V1ObjectMeta { Name = set.Metadata.Name, NamespaceProperty = Namespace },
                Status = new V1StatefulSetStatus { Replicas = pods, ObservedGeneration = set.Metadata.Generation },
            },
            new ApplyOptions { FieldManager = "kubelet", Subresource = "status" },
            CancellationToken.None);
    }

    V1PodStatus Running(V1Pod pod, V1StatefulSet set, string? disk)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"10.0.0.{++_addresses}");
        var clusterUid = set.Metadata.OwnerReferences!.Single().Uid;
        if (disk is not null && _disks.TryGetValue(disk, out var server))
        {
            redis.StartAgain(server, address, pod.Metadata.Uid!, clusterUid);
        }
        else
        {
            server = redis.Start(address, pod.Metadata.Uid!, clusterUid, ClusterPorts.Bus(ClusterWorld.Key), ClusterNames.StableHost(ClusterWorld.Key, pod.Metadata.Name!));
            if (disk is not null)
            {
                _disks[disk] = server;
            }
        }

        server.Version = ModelVersion.Of(pod.Spec!.Containers.Single(container => container.Name == "redis").Image!);
        server.Config.Load(ConfigurationOf(pod));
        return new V1PodStatus
        {
            Phase = "Running",
            PodIP = address,
            Conditions = [new V1PodCondition { Type = "Ready", Status = Unready.Contains(pod.Metadata.Name!) ? "False" : "True" }],
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = "redis",
                    Image = "redis:7.0",
                    ImageID = "redis:7.0",
                    Ready = true,
                    Started = true,
                    ContainerID = $"model://{pod.Metadata.Uid}",
                    State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = time.GetUtcNow() } },
                },
            ],
        };
    }

    /// <summary>What start.sh makes of the ConfigMap and of what the pod is started with.</summary>
    string ConfigurationOf(V1Pod pod)
    {
        var file = caches.ConfigMaps.Get(new NamespacedName(Namespace, ClusterNames.ConfigMap(ClusterWorld.Key.Name)))?.Data?[ConfigMaps.RedisConfKey] ?? "";
        var more = pod.Spec!.Containers.Single(container => container.Name == "redis").Env?.FirstOrDefault(variable => variable.Name == PodTemplates.FixedConfigVariable)?.Value;
        return $"{file}\n{more}";
    }

    static V1PodStatus Crashing(string lastWords)
    {
        var waiting = Waiting("CrashLoopBackOff", "back-off restarting failed container");
        var container = waiting.ContainerStatuses!.Single();
        return waiting with
        {
            ContainerStatuses = [container with { RestartCount = 3, LastState = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 1, Message = lastWords } } }],
        };
    }

    static V1PodStatus Waiting(string reason, string message) => new()
    {
        Phase = "Pending",
        ContainerStatuses =
        [
            new V1ContainerStatus
            {
                Name = "redis",
                Image = "redis:7.0",
                ImageID = "",
                State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } },
            },
        ],
    };
}
