using System.Globalization;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Budgets;

/// <summary>How many pods of a budget may be evicted. Pure; the rules are those of Kubernetes' disruption.go.</summary>
public static class PlanBudget
{
    /// <summary>How long a pod whose eviction was allowed may take to be seen leaving; then it counts as staying.</summary>
    static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Whether it depends on what the pods' controllers ask for.</summary>
    public static bool NeedsScale(V1PodDisruptionBudget budget) => budget?.Spec is { MaxUnavailable: not null } or { MinAvailable: { IsNumber: false } };

    /// <param name="budget">The budget.</param>
    /// <param name="pods">The pods it selects.</param>
    /// <param name="wanted">How many their controllers ask for.</param>
    /// <param name="now">When the condition changed, if it did.</param>
    public static V1PodDisruptionBudgetStatus StatusOf(V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, int wanted, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(pods);
        var leaving = Disrupted(budget, pods, now);
        var healthy = pods.Count(pod => pod.Metadata.DeletionTimestamp is null && !leaving.ContainsKey(pod.Metadata.Name!) && PodAvailability.IsReady(pod));
        var (expected, desired) = budget.Spec switch
        {
            { MaxUnavailable: { } most } => (wanted, Math.Max(0, wanted - Resolve(most, wanted))),
            { MinAvailable: { IsNumber: true } least } => (pods.Count, (int)least.Number),
            { MinAvailable: { } least } => (wanted, Resolve(least, wanted)),
            _ => (0, 0),
        };
        var allowed = expected == 0 ? 0 : Math.Max(0, healthy - desired);
        return new V1PodDisruptionBudgetStatus
        {
            ObservedGeneration = budget.Metadata.Generation,
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            DisruptionsAllowed = allowed,
            ExpectedPods = expected,
            DisruptedPods = leaving.Count == 0 ? null : leaving,
            Conditions = [Condition(budget, budget.Metadata.Generation, allowed > 0 ? "True" : "False", allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now)],
        };
    }

    /// <summary>Nothing may be evicted while it cannot be told how many pods there should be.</summary>
    public static V1PodDisruptionBudgetStatus Failed(V1PodDisruptionBudget budget, string why, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var before = budget.Status ?? new V1PodDisruptionBudgetStatus();
        return before with { DisruptionsAllowed = 0, Conditions = [Condition(budget, before.ObservedGeneration, "False", "SyncFailed", why, now)] };
    }

    /// <summary>When a pod whose eviction was allowed counts as staying again; null when none is awaited.</summary>
    public static TimeSpan? TimeUntilRecheck(V1PodDisruptionBudgetStatus status, DateTimeOffset now) =>
        status?.DisruptedPods is { Count: > 0 } pods ? pods.Values.Min() + DeletionTimeout - now + TimeSpan.FromSeconds(1) : null;

    static Dictionary<string, DateTimeOffset> Disrupted(V1PodDisruptionBudget budget, IReadOnlyList<V1Pod> pods, DateTimeOffset now)
    {
        var staying = pods.Where(pod => pod.Metadata.DeletionTimestamp is null).Select(pod => pod.Metadata.Name).ToHashSet();
        return (budget.Status?.DisruptedPods ?? new Dictionary<string, DateTimeOffset>()).Where(entry => staying.Contains(entry.Key) && entry.Value + DeletionTimeout > now).ToDictionary();
    }

    static V1Condition Condition(V1PodDisruptionBudget budget, long? generation, string holds, string reason, string message, DateTimeOffset now)
    {
        var before = budget.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "DisruptionAllowed");
        return new V1Condition
        {
            Type = "DisruptionAllowed",
            Status = holds,
            ObservedGeneration = generation,
            Reason = reason,
            Message = message,
            LastTransitionTime = before?.Status == holds ? before.LastTransitionTime : now,
        };
    }

    /// <summary>A number, or a percentage rounded up.</summary>
    static int Resolve(IntOrString value, int of) =>
        value.IsNumber ? (int)value.Number
        : int.TryParse(value.ToString().TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? (int)Math.Ceiling(of * percent / 100m)
        : 0;
}
