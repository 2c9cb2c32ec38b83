using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Objects;
using Slotwise.ObjectStore.Selection;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>Deletions of pods that their disruption budgets must allow. See <c>pkg/registry/core/pod/storage/eviction.go</c>.</summary>
public sealed class Evictions(Store store, TimeProvider time)
{
    const int MostDisruptedPods = 2000;

    readonly Lock _evicting = new();

    ResourceKind Pods => store.Kinds.Find("", "v1", "pods")!;

    ResourceKind Budgets => store.Kinds.Find("policy", "v1", "poddisruptionbudgets")!;

    /// <exception cref="KubernetesApiException">404; 409: a precondition does not hold; 429: the budget does not allow it now.</exception>
    public void Evict(string? ns, string name, DeleteOptions options, bool dryRun = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (_evicting)
        {
            var pod = store.Get(Pods, ns, name).Json;
            if (!CostsNothing(pod) && TrySpend(pod, dryRun) is { } refusal)
            {
                throw refusal;
            }

            Delete(pod, options, dryRun);
        }
    }

    /// <summary>One that is ending, has ended or never ran is no loss.</summary>
    static bool CostsNothing(JsonObject pod) => Meta.IsDeleting(pod) || pod.At("status.phase").AsText() is "Pending" or "Succeeded" or "Failed";

    void Delete(JsonObject pod, DeleteOptions options, bool dryRun)
    {
        if (options.PreconditionResourceVersion is { } version && version != Meta.ResourceVersion(pod))
        {
            throw ApiError.Conflict(Pods, Meta.Name(pod), $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({Meta.ResourceVersion(pod)}). The object might have been modified");
        }

        if (!dryRun)
        {
            var conditions = new JsonArray([.. (pod.Object("status").Array("conditions") ?? []).OfType<JsonObject>().Where(one => one.Text("type") != "DisruptionTarget").Select(one => one.DeepClone())]);
            conditions.Add((JsonNode)new JsonObject
            {
                ["type"] = "DisruptionTarget",
                ["status"] = "True",
                ["reason"] = "EvictionByEvictionAPI",
                ["message"] = "Eviction API: evicting",
                ["lastTransitionTime"] = Meta.Time(time.GetUtcNow()),
            });
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = options.PreconditionUid ?? Meta.Uid(pod) }, ["status"] = new JsonObject { ["conditions"] = conditions } };
            store.Patch(Pods, Meta.Namespace(pod), Meta.Name(pod), PatchType.Merge, patch, "status", new WriteOptions { Manager = "kube-apiserver" });
        }

        store.Delete(Pods, Meta.Namespace(pod), Meta.Name(pod), options with { PreconditionUid = options.PreconditionUid ?? Meta.Uid(pod), PreconditionResourceVersion = null }, dryRun);
    }

    /// <returns>Null when the pod may go.</returns>
    KubernetesApiException? TrySpend(JsonObject pod, bool dryRun)
    {
        var matching = store.List(Budgets, Meta.Namespace(pod), new ListQuery()).Items
            .Where(budget => LabelSelector.Of(budget.Json.Object("spec").Object("selector"))?.Matches(pod) == true)
            .ToList();
        if (matching.Count > 1)
        {
            return ApiError.Of(System.Net.HttpStatusCode.InternalServerError, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", null);
        }

        return matching.Count == 0 || MayGoUnhealthy(pod, matching[0].Json) ? null : TrySpend(pod, matching[0].Json, dryRun);
    }

    static bool MayGoUnhealthy(JsonObject pod, JsonObject budget)
    {
        var ready = (pod.Object("status").Array("conditions") ?? []).OfType<JsonObject>().Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");
        var status = budget.Object("status");
        var desired = status.Number("desiredHealthy") ?? 0;
        return !ready && (budget.At("spec.unhealthyPodEvictionPolicy").AsText() == "AlwaysAllow" || (desired > 0 && (status.Number("currentHealthy") ?? 0) >= desired));
    }

    KubernetesApiException? TrySpend(JsonObject pod, JsonObject budget, bool dryRun)
    {
        var status = budget.Object("status");
        var name = Meta.Name(budget);
        if ((status.Number("observedGeneration") ?? 0) < Meta.Generation(budget))
        {
            return Refuse($"The disruption budget {name} is still being processed by the server.", 10);
        }

        if (status.Object("disruptedPods")?.Count > MostDisruptedPods)
        {
            return ApiError.Forbidden(Budgets, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        var allowed = status.Number("disruptionsAllowed") ?? 0;
        if (allowed <= 0)
        {
            return Refuse(Why(name, status!), 0);
        }

        var spent = new JsonObject { ["disruptionsAllowed"] = allowed - 1, ["disruptedPods"] = new JsonObject { [Meta.Name(pod)] = Meta.Time(time.GetUtcNow()) } };
        if (!dryRun)
        {
            store.Patch(Budgets, Meta.Namespace(pod), name, PatchType.Merge, new JsonObject { ["status"] = spent }, "status", new WriteOptions { Manager = "kube-apiserver" });
        }

        return null;
    }

    static string Why(string name, JsonObject status)
    {
        var condition = (status.Array("conditions") ?? []).OfType<JsonObject>().FirstOrDefault(one => one.Text("type") == "DisruptionAllowed" && one.Text("status") == "False");
        var (current, desired) = (status.Number("currentHealthy") ?? 0, status.Number("desiredHealthy") ?? 0);
        if (condition.Text("reason") == "SyncFailed" && condition.Text("message") is { Length: > 0 } failure)
        {
            return $"The disruption budget {name} does not allow evicting pods currently because it failed sync: {failure}";
        }

        return current <= desired
            ? $"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
            : $"The disruption budget {name} does not allow evicting pods currently";
    }

    static KubernetesApiException Refuse(string why, int retryAfterSeconds) => ApiError.TooManyRequests(
        "Cannot evict pod as it would violate the pod's disruption budget.",
        retryAfterSeconds,
        [new V1StatusCause { Reason = "DisruptionBudget", Message = why }]);
}
