using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>Binds pods to nodes. One at a time, so that two do not take the same room.</summary>
public sealed class Scheduler(IKubernetesApi api, IObjectCache<V1Pod> pods, IObjectCache<V1Node> nodes, EventRecorder events, TimeProvider time) : IEntityController<V1Pod>
{
    static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    // bindings of ours that the cache may not show yet
    readonly Dictionary<string, V1Pod> _assumed = [];

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Get(key) is not { } pod || pod.Spec?.NodeName is { Length: > 0 } || pod.Metadata.DeletionTimestamp is not null || _assumed.ContainsKey(pod.Metadata.Uid ?? ""))
        {
            return default;
        }

        var (node, reason) = PlanScheduling.Choose(pod, nodes.List(), WithAssumed());
        if (node is null)
        {
            await SetConditionAsync(pod, Condition(pod, "False", "Unschedulable", reason), cancellationToken);
            events.Warning(pod, "FailedScheduling", reason);
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

    List<V1Pod> WithAssumed()
    {
        var known = pods.List();
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

    async Task SetConditionAsync(V1Pod pod, V1PodCondition condition, CancellationToken cancellationToken)
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

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid }, ["status"] = new JsonObject { ["conditions"] = conditions } };
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
