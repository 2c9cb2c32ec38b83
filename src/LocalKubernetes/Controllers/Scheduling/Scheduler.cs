using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Claims;
using Slotwise.LocalKubernetes.Controllers.Scheduling.Filters;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>What the scheduler knows of the cluster.</summary>
public sealed record SchedulerCaches
{
    public required IObjectCache<V1Pod> Pods { get; init; }

    public required IObjectCache<V1Node> Nodes { get; init; }

    public required IObjectCache<V1Namespace> Namespaces { get; init; }

    public required IObjectCache<V1PersistentVolumeClaim> Claims { get; init; }

    public required IObjectCache<VolumeDocument> Volumes { get; init; }

    public required IObjectCache<StorageClassDocument> Classes { get; init; }
}

/// <summary>Binds pods to hosts. One at a time, so that two do not take the same room.</summary>
public sealed class Scheduler(IKubernetesApi api, SchedulerCaches caches, EventRecorder events, TimeProvider time) : IEntityController<V1Pod>
{
    public const string Name = "default-scheduler";

    /// <summary>On a claim, the host that its first pod goes to: whoever makes the volume makes it there.</summary>
    public const string SelectedHost = "volume.kubernetes.io/selected-node";

    // changes of hosts, pods and volumes wake those that wait at once; this is for what nothing tells of
    static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(30);

    // bindings of ours that the cache may not show yet
    readonly Dictionary<string, V1Pod> _assumed = [];

    /// <summary>Whether the pod waits for this scheduler.</summary>
    public static bool Waits(V1Pod? pod) =>
        pod is { Metadata.DeletionTimestamp: null, Spec: { NodeName: null or "", SchedulingGates: null or { Count: 0 }, SchedulerName: null or "" or Name } };

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (caches.Pods.Get(key) is not { } pod || !Waits(pod) || _assumed.ContainsKey(pod.Metadata.Uid ?? ""))
        {
            return default;
        }

        var view = View();
        var (node, reason) = PlanScheduling.Choose(pod, view);
        if (node is null)
        {
            await SetConditionAsync(pod, Condition(pod, "False", "Unschedulable", reason), cancellationToken);
            events.Warning(pod, "FailedScheduling", reason);
            return new ReconcileResult(RetryInterval);
        }

        if (await SelectHostAsync(VolumeFilter.Waiting(pod, view), node, cancellationToken))
        {
            // it is bound when its volumes are
            return new ReconcileResult(RetryInterval);
        }

        var bound = await api.MergePatchAsync<V1Pod>(
            key.Namespace, key.Name, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid }, ["spec"] = new JsonObject { ["nodeName"] = node } }, null, cancellationToken);
        _assumed[pod.Metadata.Uid ?? ""] = bound;
        if (pod.Status?.Conditions?.Any(condition => condition is { Type: "PodScheduled", Status: "False" }) == true)
        {
            await SetConditionAsync(bound, Condition(pod, "True", null, null), cancellationToken);
        }

        events.Normal(pod, "Scheduled", $"Successfully assigned {key} to {node}");
        return default;
    }

    /// <summary>Says for claims without a volume which host it must be made for.</summary>
    /// <returns>Whether there are such claims.</returns>
    async Task<bool> SelectHostAsync(IReadOnlyList<V1PersistentVolumeClaim> claims, string node, CancellationToken cancellationToken)
    {
        foreach (var claim in claims.Where(claim => claim.Metadata.Annotations?.GetValueOrDefault(SelectedHost) != node))
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid, ["annotations"] = new JsonObject { [SelectedHost] = node } } };
            await api.MergePatchAsync<V1PersistentVolumeClaim>(claim.Metadata.NamespaceProperty, claim.Metadata.Name!, patch, null, cancellationToken);
        }

        return claims.Count > 0;
    }

    SchedulingView View() => new(caches.Nodes.List(), WithAssumed())
    {
        NamespaceLabels = name => caches.Namespaces.Get(new NamespacedName("", name))?.Metadata.Labels,
        Claim = caches.Claims.Get,
        Volume = name => caches.Volumes.Get(new NamespacedName("", name)),
        Class = name => caches.Classes.Get(new NamespacedName("", name)),
    };

    List<V1Pod> WithAssumed()
    {
        var known = caches.Pods.List();
        foreach (var pod in known.Where(pod => pod.Spec?.NodeName is { Length: > 0 }))
        {
            _assumed.Remove(pod.Metadata.Uid ?? "");
        }

        if (_assumed.Count > 0)
        {
            // what was deleted before the cache ever showed it bound
            var living = known.Select(pod => pod.Metadata.Uid).ToHashSet();
            foreach (var uid in _assumed.Keys.Where(uid => !living.Contains(uid)).ToList())
            {
                _assumed.Remove(uid);
            }
        }

        return [.. known.Select(pod => _assumed.GetValueOrDefault(pod.Metadata.Uid ?? "") ?? pod)];
    }

    /// <summary>Writes one condition; the others are somebody else's, and the list is written as a whole: so only over the pod as it was read.</summary>
    async Task SetConditionAsync(V1Pod pod, V1PodCondition condition, CancellationToken cancellationToken)
    {
        try
        {
            await TrySetConditionAsync(pod, condition, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            var now = await api.GetAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, cancellationToken);
            if (now.Metadata.Uid == pod.Metadata.Uid)
            {
                await TrySetConditionAsync(now, condition, cancellationToken);
            }
        }
    }

    async Task TrySetConditionAsync(V1Pod pod, V1PodCondition condition, CancellationToken cancellationToken)
    {
        var before = pod.Status?.Conditions?.FirstOrDefault(one => one.Type == condition.Type);
        if (before?.Status == condition.Status && before.Message == condition.Message)
        {
            return;
        }

        var conditions = new JsonArray();
        foreach (var one in (pod.Status?.Conditions ?? []).Where(one => one.Type != condition.Type).Append(condition))
        {
            conditions.Add((JsonNode)new JsonObject
            {
                ["type"] = one.Type,
                ["status"] = one.Status,
                ["reason"] = one.Reason,
                ["message"] = one.Message,
                ["lastTransitionTime"] = one.LastTransitionTime?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            });
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["resourceVersion"] = pod.Metadata.ResourceVersion }, ["status"] = new JsonObject { ["conditions"] = conditions } };
        await api.MergePatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, patch, "status", cancellationToken);
    }

    V1PodCondition Condition(V1Pod pod, string status, string? reason, string? message)
    {
        var before = pod.Status?.Conditions?.FirstOrDefault(one => one.Type == "PodScheduled");
        return new V1PodCondition
        {
            Type = "PodScheduled",
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : time.GetUtcNow(),
        };
    }
}
