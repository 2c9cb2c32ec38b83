using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;

namespace Slotwise.LocalKubernetes.Controllers.Budgets;

/// <summary>Keeps the status of PodDisruptionBudgets: how many of their pods may be evicted now.</summary>
public sealed class BudgetController(
    IKubernetesApi api, IObjectCache<V1PodDisruptionBudget> budgets, IObjectCache<V1Pod> pods, IObjectCache<StatefulSetDocument> sets, TimeProvider time) : IEntityController<V1PodDisruptionBudget>
{
    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (budgets.Get(key) is not { } budget)
        {
            return default;
        }

        var selected = pods.List().Where(pod => pod.Metadata.NamespaceProperty == key.Namespace && Labels.Match(budget.Spec?.Selector, pod.Metadata.Labels)).ToList();
        var status = StatusOf(budget, selected, WantedOf(key.Namespace, selected), time.GetUtcNow());
        if (Text(status) == Text(budget.Status))
        {
            return default;
        }

        var patch = new JsonObject { ["status"] = JsonNode.Parse(Text(status))!["status"]!.DeepClone() };
        await api.MergePatchAsync<V1PodDisruptionBudget>(key.Namespace, key.Name, patch, "status", cancellationToken);
        return default;
    }

    /// <summary>The status that follows from the pods. Pure.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="pods">The pods it selects.</param>
    /// <param name="wanted">How many their controllers want.</param>
    /// <param name="now">When the condition changed, if it did.</param>
    public static V1PodDisruptionBudgetStatus StatusOf(V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, int wanted, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(pods);
        var healthy = pods.Count(pod => PlanSet.IsReady(pod) && !PlanSet.IsTerminating(pod));
        var (expected, desired) = budget.Spec switch
        {
            { MaxUnavailable: { } most } => (wanted, Math.Max(0, wanted - Resolve(most, wanted))),
            { MinAvailable: { IsNumber: true } least } => (pods.Count, (int)least.Number),
            { MinAvailable: { } least } => (wanted, Resolve(least, wanted)),
            _ => (wanted, wanted),
        };
        var allowed = expected == 0 ? 0 : Math.Max(0, healthy - desired);
        var before = budget.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "DisruptionAllowed");
        var holds = allowed > 0 ? "True" : "False";
        return new V1PodDisruptionBudgetStatus
        {
            ObservedGeneration = budget.Metadata.Generation,
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            DisruptionsAllowed = allowed,
            ExpectedPods = expected,
            Conditions =
            [
                new V1Condition
                {
                    Type = "DisruptionAllowed",
                    Status = holds,
                    ObservedGeneration = budget.Metadata.Generation,
                    Reason = allowed > 0 ? "SufficientPods" : "InsufficientPods",
                    Message = "",
                    LastTransitionTime = before?.Status == holds ? before.LastTransitionTime : now,
                },
            ],
        };
    }

    int WantedOf(string ns, List<V1Pod> selected)
    {
        var owners = selected.Select(pod => pod.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true)).ToList();
        var scaled = owners.OfType<V1OwnerReference>().DistinctBy(owner => owner.Uid)
            .Sum(owner => sets.Get(new NamespacedName(ns, owner.Name)) is { } set && set.Metadata.Uid == owner.Uid ? set.Spec.Replicas ?? 1 : selected.Count(pod => pod.Metadata.OwnerReferences?.Any(one => one.Uid == owner.Uid) == true));
        return scaled + owners.Count(owner => owner is null);
    }

    /// <summary>A number, or a percentage rounded up.</summary>
    static int Resolve(IntOrString value, int of) =>
        value.IsNumber ? (int)value.Number
        : int.TryParse(value.ToString().TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? (int)Math.Ceiling(of * percent / 100m)
        : 0;

    static string Text(V1PodDisruptionBudgetStatus? status) => JsonSerializer.Serialize(new V1PodDisruptionBudget { Status = status ?? new V1PodDisruptionBudgetStatus() }, V1PodDisruptionBudget.JsonTypeInfo);
}
