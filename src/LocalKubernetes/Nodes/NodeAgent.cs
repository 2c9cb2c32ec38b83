using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Pods;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>Runs the pods that are bound to one node: LocalKubernetes' kubelet.</summary>
public sealed partial class NodeAgent
{
    readonly PodServices _services;
    readonly ConcurrentDictionary<string, (PodWorker Worker, Task Run)> _workers = new();
    readonly Lock _gate = new();
    bool _stopping;

    public NodeAgent(PodServices services, Informer<V1Pod> pods, Informer<V1ConfigMap> configMaps, Informer<V1Secret> secrets, Informer<V1PersistentVolumeClaim> claims)
    {
        ArgumentNullException.ThrowIfNull(pods);
        ArgumentNullException.ThrowIfNull(configMaps);
        ArgumentNullException.ThrowIfNull(secrets);
        ArgumentNullException.ThrowIfNull(claims);
        _services = services;
        pods.AddHandler(OnPod);
        configMaps.AddHandler((before, after) => OnObject((after ?? before)!, Names.ConfigMaps));
        secrets.AddHandler((before, after) => OnObject((after ?? before)!, Names.Secrets));
        claims.AddHandler((before, after) => OnObject((after ?? before)!, Names.Claims));
    }

    /// <summary>The pods that it runs now.</summary>
    public IReadOnlyCollection<V1Pod> Pods => [.. _workers.Values.Select(entry => entry.Worker.Pod)];

    internal IReadOnlyCollection<PodWorker> Workers => [.. _workers.Values.Select(entry => entry.Worker)];

    /// <summary>What runs the pod with this uid; null when none does here.</summary>
    public PodWorker? Find(string uid) => _workers.TryGetValue(uid, out var entry) ? entry.Worker : null;

    /// <summary>Kills everything at once. What it leaves to wait for, <see cref="StopAsync"/> waits for.</summary>
    public void LosePower()
    {
        lock (_gate)
        {
            _stopping = true;
            foreach (var (worker, _) in _workers.Values)
            {
                worker.LosePower();
            }
        }
    }

    /// <summary>Ends all containers and waits for them; bounded by <see cref="NodeOptions.StopTimeout"/> and a little.</summary>
    public async Task StopAsync()
    {
        List<(PodWorker Worker, Task Run)> running;
        lock (_gate)
        {
            _stopping = true;
            running = [.. _workers.Values];
            foreach (var (worker, _) in running)
            {
                worker.StopWithNode(_services.Options.StopTimeout);
            }
        }

        var all = Task.WhenAll(running.Select(entry => entry.Run));
        await Task.WhenAny(all, Task.Delay(_services.Options.StopTimeout * 2, _services.Time, CancellationToken.None));
    }

    void OnPod(V1Pod? before, V1Pod? after)
    {
        // a worker that is told something must not be at its end: what throws here would make the node deaf for all pods to come
        lock (_gate)
        {
            // a pod that was deleted and made again under its name between two looks of ours
            if (before is not null && before.Metadata.Uid != after?.Metadata.Uid && _workers.TryGetValue(before.Metadata.Uid ?? "", out var old))
            {
                old.Worker.Remove();
            }

            if (after?.Spec?.NodeName != _services.Options.Name || after.Metadata.Uid is not { } uid)
            {
                return;
            }

            if (_workers.TryGetValue(uid, out var known))
            {
                known.Worker.Update(after);
                // not compared with the worker's own, which the answer to a status write may have brought up to date before the watch did
                if (!SameEntries(before?.Metadata.Labels, after.Metadata.Labels) || !SameEntries(before?.Metadata.Annotations, after.Metadata.Annotations))
                {
                    // volumes may show them
                    _ = Task.Run(() => RefreshAsync(known.Worker, _ => true));
                }
            }
            else if (!_stopping && !HasEnded(after))
            {
                Start(uid, after);
            }
        }
    }

    static bool SameEntries(IReadOnlyDictionary<string, string>? one, IReadOnlyDictionary<string, string>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one ?? new Dictionary<string, string>()).All(entry => other!.TryGetValue(entry.Key, out var value) && value == entry.Value);

    /// <summary>Whether a pod has run and ended here, and only a finalizer keeps its object.</summary>
    static bool HasEnded(V1Pod pod) => pod is { Metadata: { DeletionTimestamp: not null, DeletionGracePeriodSeconds: 0 }, Status.Phase: "Succeeded" or "Failed" };

    void Start(string uid, V1Pod pod)
    {
        var worker = new PodWorker(pod, _services);
        worker.Update(pod);
        // not on the thread of the watch, which brings the other pods
        _workers[uid] = (worker, Task.Run(async () =>
        {
            await worker.RunAsync();
            lock (_gate)
            {
                _workers.TryRemove(uid, out _);
                worker.Dispose();
            }
        }));
    }

    void OnObject(IKubernetesObject obj, Func<V1PodSpec, IEnumerable<string?>> names)
    {
        foreach (var (worker, _) in _workers.Values)
        {
            var pod = worker.Pod;
            if (pod.Metadata.NamespaceProperty == obj.Metadata.NamespaceProperty && pod.Spec is { } spec && names(spec).Contains(obj.Metadata.Name))
            {
                // files are written; the watch must not wait for that
                _ = Task.Run(() => TryAsync(worker, worker.FollowObjectsAsync));
            }
        }
    }

    /// <summary>Brings the volumes up to date that show a token: some may be due for another one.</summary>
    public void RefreshTokens()
    {
        foreach (var (worker, _) in _workers.Values.Where(entry => entry.Worker.Pod.Spec?.Volumes?.Any(Names.ShowsToken) == true))
        {
            _ = RefreshAsync(worker, Names.ShowsToken);
        }
    }

    Task RefreshAsync(PodWorker worker, Func<V1Volume, bool> which) => TryAsync(worker, () =>
    {
        worker.RefreshVolumes(which);
        return Task.CompletedTask;
    });

    async Task TryAsync(PodWorker worker, Func<Task> refresh)
    {
        try
        {
            await refresh();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            LogNotRefreshed(_services.Logger, NamespacedName.Of(worker.Pod), e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The volumes of pod {Pod} could not be brought up to date: {Reason}")]
    static partial void LogNotRefreshed(ILogger logger, NamespacedName pod, string reason);

    /// <summary>The names of the objects that a pod refers to.</summary>
    static class Names
    {
        public static IEnumerable<string?> ConfigMaps(V1PodSpec spec) =>
            Volumes(spec).Select(volume => volume.ConfigMap?.Name)
                .Concat(Projections(spec).Select(source => source.ConfigMap?.Name))
                .Concat(Containers(spec).SelectMany(container => (container.Env ?? []).Select(variable => variable.ValueFrom?.ConfigMapKeyRef?.Name)
                    .Concat((container.EnvFrom ?? []).Select(source => source.ConfigMapRef?.Name))));

        public static IEnumerable<string?> Secrets(V1PodSpec spec) =>
            Volumes(spec).Select(volume => volume.Secret?.SecretName)
                .Concat(Projections(spec).Select(source => source.Secret?.Name))
                .Concat(Containers(spec).SelectMany(container => (container.Env ?? []).Select(variable => variable.ValueFrom?.SecretKeyRef?.Name)
                    .Concat((container.EnvFrom ?? []).Select(source => source.SecretRef?.Name))));

        public static IEnumerable<string?> Claims(V1PodSpec spec) => Volumes(spec).Select(volume => volume.PersistentVolumeClaim?.ClaimName);

        public static bool ShowsToken(V1Volume volume) => volume.Projected?.Sources?.Any(source => source.ServiceAccountToken is not null) == true;

        static IEnumerable<V1Container> Containers(V1PodSpec spec) => spec.Containers.Concat(spec.InitContainers ?? []);

        static IReadOnlyList<V1Volume> Volumes(V1PodSpec spec) => spec.Volumes ?? [];

        static IEnumerable<V1VolumeProjection> Projections(V1PodSpec spec) => Volumes(spec).SelectMany(volume => volume.Projected?.Sources ?? []);
    }
}
