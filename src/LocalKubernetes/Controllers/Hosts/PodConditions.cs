using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Hosts;

/// <summary>Writes one condition of a pod for somebody who is not its kubelet.</summary>
static class PodConditions
{
    /// <param name="phase">The pod's new phase; null leaves it.</param>
    /// <exception cref="KubernetesApiException">409: somebody else wrote the pod meanwhile.</exception>
    public static Task SetAsync(IKubernetesApi api, V1Pod pod, V1PodCondition? condition, string? phase, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var status = new JsonObject();
        if (phase is not null)
        {
            status["phase"] = phase;
        }

        if (condition is not null)
        {
            var before = pod.Status?.Conditions?.FirstOrDefault(one => one.Type == condition.Type);
            var written = condition with { LastTransitionTime = before?.Status == condition.Status ? before.LastTransitionTime : now };
            var marked = pod with { Status = new V1PodStatus { Conditions = [.. (pod.Status?.Conditions ?? []).Where(one => one.Type != condition.Type), written] } };
            status["conditions"] = JsonSerializer.SerializeToNode(marked, V1Pod.JsonTypeInfo)!["status"]!["conditions"]!.DeepClone();
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = pod.Metadata.ResourceVersion, ["uid"] = pod.Metadata.Uid }, ["status"] = status };
        return api.MergePatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, patch, "status", cancellationToken);
    }
}
