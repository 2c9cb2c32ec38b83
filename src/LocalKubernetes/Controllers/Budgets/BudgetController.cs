using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Budgets;

/// <summary>Keeps the status of PodDisruptionBudgets: how many of their pods may be evicted now.</summary>
public sealed class BudgetController(
    IKubernetesApi api, IControllerScales scales, IObjectCache<V1PodDisruptionBudget> budgets, IObjectCache<V1Pod> pods, EventRecorder events, TimeProvider time) : IEntityController<V1PodDisruptionBudget>
{
    static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (budgets.Get(key) is not { } budget)
        {
            return default;
        }

        var selected = pods.List().Where(pod => pod.Metadata.NamespaceProperty == key.Namespace && Labels.Match(budget.Spec?.Selector, pod.Metadata.Labels)).ToList();
        if (selected.Count == 0)
        {
            events.Normal(budget, "NoPods", "No matching pods found");
        }

        try
        {
            var wanted = PlanBudget.NeedsScale(budget) ? await scales.SumAsync(key.Namespace, selected, cancellationToken) : 0;
            if (PlanBudget.NeedsScale(budget) && selected.Any(pod => OwnerReference.ControllerOf(pod) is null))
            {
                events.Warning(
                    budget,
                    "UnmanagedPods",
                    $"Pods selected by this PodDisruptionBudget (selector: {JsonSerializer.Serialize(budget.Spec!.Selector!, DocumentJson.Default.V1LabelSelector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
            }

            var status = PlanBudget.StatusOf(budget, selected, wanted, time.GetUtcNow());
            await WriteAsync(budget, status, cancellationToken);
            return new ReconcileResult(PlanBudget.TimeUntilRecheck(status, time.GetUtcNow()));
        }
        catch (ScaleException e)
        {
            events.Warning(budget, "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {e.Message}");
            await WriteAsync(budget, PlanBudget.Failed(budget, e.Message, time.GetUtcNow()), cancellationToken);
            return new ReconcileResult(RetryInterval);
        }
    }

    async Task WriteAsync(V1PodDisruptionBudget budget, V1PodDisruptionBudgetStatus status, CancellationToken cancellationToken)
    {
        if (Text(status).ToJsonString() == Text(budget.Status ?? new V1PodDisruptionBudgetStatus()).ToJsonString())
        {
            return;
        }

        var json = Text(status);
        json["disruptedPods"] ??= null; // a merge patch removes what is null
        foreach (var gone in (budget.Status?.DisruptedPods?.Keys ?? []).Where(name => status.DisruptedPods?.ContainsKey(name) == false))
        {
            json["disruptedPods"]![gone] = null;
        }

        // evictions count down in between: theirs must not be lost
        var metadata = new JsonObject { ["uid"] = budget.Metadata.Uid, ["resourceVersion"] = budget.Metadata.ResourceVersion };
        await api.MergePatchAsync<V1PodDisruptionBudget>(budget.Metadata.NamespaceProperty, budget.Metadata.Name!, new JsonObject { ["metadata"] = metadata, ["status"] = json }, "status", cancellationToken);
    }

    static JsonObject Text(V1PodDisruptionBudgetStatus status) =>
        JsonSerializer.SerializeToNode(new V1PodDisruptionBudget { Status = status }, V1PodDisruptionBudget.JsonTypeInfo)!["status"]!.DeepClone().AsObject();
}
