using System.Globalization;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.ReplicaSets;

/// <summary>What a ReplicaSet says of its pods, and which of them go first. Pure; the rules are those of replica_set.go and controller_utils.go.</summary>
public static class PlanReplicas
{
    public const string ReplicaFailure = "ReplicaFailure";

    const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    /// <param name="active">Its pods that neither ended nor leave.</param>
    /// <param name="failure">Why pods could not be made or removed; null when they could.</param>
    public static ReplicaSetDocumentStatus StatusOf(ReplicaSetDocument set, IReadOnlyList<V1Pod> active, string? failure, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(active);
        var labels = TemplateLabels.Of(set.Spec.Template);
        return new ReplicaSetDocumentStatus
        {
            Replicas = active.Count,
            FullyLabeledReplicas = active.Count(pod => Labels.Match(labels, pod.Metadata.Labels)),
            ReadyReplicas = active.Count(PodAvailability.IsReady),
            AvailableReplicas = active.Count(pod => PodAvailability.TimeUntilAvailable(pod, set.Spec.MinReadySeconds, now) == TimeSpan.Zero),
            ObservedGeneration = set.Metadata.Generation,
            Conditions = ConditionsOf(set, active.Count, failure, now),
        };
    }

    /// <summary>The pods that a smaller set loses: those first that serve least.</summary>
    public static IReadOnlyList<V1Pod> Surplus(IReadOnlyList<V1Pod> active, int count)
    {
        ArgumentNullException.ThrowIfNull(active);
        var onHost = active.Where(pod => IsAssigned(pod)).GroupBy(pod => pod.Spec!.NodeName).ToDictionary(group => group.Key!, group => group.Count());
        return [.. active
            .OrderBy(IsAssigned)
            .ThenBy(pod => pod.Status?.Phase switch { "Pending" => 0, "Unknown" => 1, _ => 2 })
            .ThenBy(PodAvailability.IsReady)
            .ThenBy(CostOf)
            .ThenByDescending(pod => onHost.GetValueOrDefault(pod.Spec?.NodeName ?? ""))
            .ThenByDescending(pod => pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.LastTransitionTime)
            .ThenByDescending(pod => pod.Status?.ContainerStatuses?.Select(container => container.RestartCount).DefaultIfEmpty().Max() ?? 0)
            .ThenByDescending(pod => pod.Metadata.CreationTimestamp)
            .Take(count)];
    }

    static List<V1Condition>? ConditionsOf(ReplicaSetDocument set, int active, string? failure, DateTimeOffset now)
    {
        var others = (set.Status?.Conditions ?? []).Where(condition => condition.Type != ReplicaFailure).ToList();
        if (failure is not null)
        {
            others.Add(set.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ReplicaFailure) ?? new V1Condition
            {
                Type = ReplicaFailure,
                Status = "True",
                Reason = active < (set.Spec.Replicas ?? 1) ? "FailedCreate" : "FailedDelete",
                Message = failure,
                LastTransitionTime = now,
            });
        }

        return others.Count == 0 ? null : others;
    }

    static bool IsAssigned(V1Pod pod) => pod.Spec?.NodeName is { Length: > 0 };

    static int CostOf(V1Pod pod) => int.TryParse(pod.Metadata.Annotations?.GetValueOrDefault(DeletionCost), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;
}
