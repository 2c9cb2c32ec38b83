using System.Globalization;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>StatefulSet controller, garbage collector, volumes and kubelet in one: pods as the StatefulSets want them, each with a model server.</summary>
sealed class Kubelet(IKubernetesApi api, ClusterCaches caches, ModelRedis redis, TimeProvider time)
{
    /// <summary>What is on each volume, by claim: nodes.conf and keys of the server that ran on it.</summary>
    readonly SortedDictionary<string, ModelServer> _disks = new(StringComparer.Ordinal);
    int _addresses;

    /// <summary>Pods that shall not start, and why.</summary>
    public SortedDictionary<string, (string Reason, string Message)> Broken { get; } = new(StringComparer.Ordinal);

    static string Namespace => ClusterWorld.Key.Namespace;

    public V1Pod Pod(string name) => Find(name) ?? throw new InvalidOperationException($"no pod {name}");

    public async Task RunAsync()
    {
        foreach (var pod in caches.Pods.List())
        {
            if (!IsWanted(pod))
            {
                await DeletePodAsync(pod.Metadata.Name!);
            }
        }

        foreach (var set in caches.StatefulSets.List())
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
    }

    public async Task DeletePodAsync(string name)
    {
        var pod = Pod(name);
        if (pod.Status?.PodIP is { } address)
        {
            redis.Stop(address);
        }

        await api.DeleteAsync<V1Pod>(Namespace, name, new DeleteOptions { GracePeriodSeconds = 0 }, CancellationToken.None);
    }

    public async Task RestartContainerAsync(string name, bool keepsKeys)
    {
        var pod = Pod(name);
        redis.At(pod.Status!.PodIP!).Restart(keepsKeys);
        var before = pod.Status.ContainerStatuses!.Single();
        var restarts = before.RestartCount + 1;
        await ReportAsync(name, pod.Status with
        {
            ContainerStatuses =
            [
                before with
                {
                    RestartCount = restarts,
                    ContainerID = string.Create(CultureInfo.InvariantCulture, $"model://{pod.Metadata.Uid}/{restarts}"),
                    LastState = new V1ContainerState { Terminated = Terminated(before) },
                    State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = time.GetUtcNow() } },
                },
            ],
        });
    }

    public async Task EndContainerAsync(string name)
    {
        var pod = Pod(name);
        redis.Stop(pod.Status!.PodIP!);
        var before = pod.Status.ContainerStatuses!.Single();
        await ReportAsync(name, pod.Status with
        {
            Conditions = [new V1PodCondition { Type = "Ready", Status = "False" }],
            ContainerStatuses = [before with { Ready = false, State = new V1ContainerState { Terminated = Terminated(before) } }],
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
        var owner = pod.Metadata.OwnerReferences?.Single().Uid;
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
        var pod = await api.CreateAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    NamespaceProperty = Namespace,
                    Labels = template.Metadata!.Labels,
                    OwnerReferences = [new V1OwnerReference { ApiVersion = set.ApiVersion, Kind = set.Kind, Name = set.Metadata.Name!, Uid = set.Metadata.Uid!, Controller = true }],
                },
                Spec = template.Spec! with { NodeName = $"host-{name[^3]}", Volumes = volumes },
            },
            CancellationToken.None);
        await ReportAsync(name, Broken.TryGetValue(name, out var trouble) ? Waiting(trouble.Reason, trouble.Message) : Running(pod, set, disk));
    }

    Task<V1Pod> ReportAsync(string pod, V1PodStatus status) => api.ApplyAsync(
        new V1Pod { Metadata = new V1ObjectMeta { Name = pod, NamespaceProperty = Namespace }, Status = status },
        new ApplyOptions { FieldManager = "kubelet", Subresource = "status" },
        CancellationToken.None);

    async Task ReportAsync(V1StatefulSet set)
    {
        var pods = caches.Pods.List().Count(pod => pod.Metadata.OwnerReferences?.Single().Uid == set.Metadata.Uid);
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

        return new V1PodStatus
        {
            Phase = "Running",
            PodIP = address,
            Conditions = [new V1PodCondition { Type = "Ready", Status = "True" }],
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = "redis",
                    Image = "redis:7.0",
                    ImageID = "redis:7.0",
                    Ready = true,
                    ContainerID = $"model://{pod.Metadata.Uid}",
                    State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = time.GetUtcNow() } },
                },
            ],
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
