using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Hosts;

/// <summary>The taints that a host's conditions and its cordon put on it, and what tolerates them. Pure but for the write.</summary>
public static class Taints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string Unschedulable = "node.kubernetes.io/unschedulable";
    public const string OutOfService = "node.kubernetes.io/out-of-service";

    const string NoSchedule = "NoSchedule";
    const string NoExecute = "NoExecute";

    static readonly Dictionary<(string Condition, string Status), string> Keys = new()
    {
        [("Ready", "False")] = NotReady,
        [("Ready", "Unknown")] = Unreachable,
        [("MemoryPressure", "True")] = "node.kubernetes.io/memory-pressure",
        [("DiskPressure", "True")] = "node.kubernetes.io/disk-pressure",
        [("PIDPressure", "True")] = "node.kubernetes.io/pid-pressure",
        [("NetworkUnavailable", "True")] = "node.kubernetes.io/network-unavailable",
    };

    /// <summary>The condition; null when there is none of that type.</summary>
    public static V1NodeCondition? Condition(V1Node node, string type) => node?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    public static bool IsReady(V1Node node) => Condition(node, "Ready")?.Status == "True";

    /// <summary>The taints with those of conditions and cordon brought up to date. Those of NoExecute only follow whether the host is ready.</summary>
    /// <param name="evicts">Whether a host that is not ready loses its pods: not while no host at all is ready.</param>
    public static IReadOnlyList<V1Taint> Of(V1Node node, bool evicts, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(node);
        var wanted = (node.Status?.Conditions ?? [])
            .Select(condition => Keys.GetValueOrDefault((condition.Type, condition.Status)))
            .OfType<string>()
            .Concat(node.Spec?.Unschedulable == true ? [Unschedulable] : [])
            .Select(key => (Key: key, Effect: NoSchedule))
            .ToHashSet();
        if (evicts && Condition(node, "Ready")?.Status is "False" or "Unknown")
        {
            wanted.Add((Condition(node, "Ready")!.Status == "False" ? NotReady : Unreachable, NoExecute));
        }

        var kept = (node.Spec?.Taints ?? []).Where(taint => !IsOurs(taint) || wanted.Contains((taint.Key, taint.Effect))).ToList();
        var added = wanted.Where(one => !kept.Exists(taint => (taint.Key, taint.Effect) == one)).OrderBy(one => one);
        return [.. kept, .. added.Select(one => new V1Taint { Key = one.Key, Effect = one.Effect, TimeAdded = now })];
    }

    public static async Task WriteAsync(IKubernetesApi api, V1Node node, IReadOnlyList<V1Taint> taints, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(node);
        var json = JsonSerializer.SerializeToNode(node with { Spec = new V1NodeSpec { Taints = taints } }, V1Node.JsonTypeInfo)!["spec"]!["taints"]!.DeepClone();
        // a list is replaced as a whole: what somebody else added since must not be lost
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
            ["spec"] = new JsonObject { ["taints"] = taints.Count == 0 ? null : json },
        };
        await api.MergePatchAsync<V1Node>(null, node.Metadata.Name!, patch, null, cancellationToken);
    }

    public static bool Tolerates(V1Toleration toleration, V1Taint taint)
    {
        ArgumentNullException.ThrowIfNull(toleration);
        ArgumentNullException.ThrowIfNull(taint);
        return (toleration.Effect is null or "" || toleration.Effect == taint.Effect)
            && (toleration.Key is null or "" ? toleration.OperatorProperty == "Exists" : toleration.Key == taint.Key)
            && (toleration.OperatorProperty == "Exists" || (toleration.Value ?? "") == (taint.Value ?? ""));
    }

    static bool IsOurs(V1Taint taint) =>
        (taint.Effect == NoSchedule && (taint.Key == Unschedulable || Keys.ContainsValue(taint.Key))) || (taint.Effect == NoExecute && taint.Key is NotReady or Unreachable);
}
