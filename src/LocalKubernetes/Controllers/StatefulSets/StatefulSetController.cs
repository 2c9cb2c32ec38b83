using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>Gives every StatefulSet the pods and claims that it asks for.</summary>
public sealed class StatefulSetController(
    IKubernetesApi api,
    IObjectCache<StatefulSetDocument> sets,
    IObjectCache<V1Pod> pods,
    IObjectCache<V1PersistentVolumeClaim> claims,
    IObjectCache<ControllerRevisionDocument> revisions,
    EventRecorder events,
    TimeProvider time) : IEntityController<StatefulSetDocument>
{
    // for what no event tells: a claim, or somebody else's pod, that has to go first
    static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    readonly Adoption<StatefulSetDocument, V1Pod> _pods = new(api, pods);
    readonly SetHistory _history = new(api, revisions);
    readonly SetClaims _claims = new(api, claims, events);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (sets.Get(key) is not { } set)
        {
            return default;
        }

        var own = await _pods.ClaimAsync(set, pod => Labels.Match(set.Spec.Selector, pod.Metadata.Labels) && BuildSetPod.OrdinalOf(set, pod.Metadata.Name) is not null, cancellationToken);
        var history = await _history.EnsureAsync(set, cancellationToken);
        var (current, update) = (history.Current.Metadata.Name!, history.Update.Metadata.Name!);
        var now = time.GetUtcNow();
        var plan = PlanSet.Of(set, own, current, update, now);
        var held = false;
        try
        {
            held = !await ExecuteAsync(set, own, plan, history, cancellationToken);
        }
        finally
        {
            await WriteStatusAsync(set, PlanSet.StatusOf(set, own, current, update, now) with { CollisionCount = history.Collisions }, cancellationToken);
        }

        await _history.TrimAsync(set, own, history, cancellationToken);
        return new ReconcileResult(held ? RetryInterval : plan.RecheckAfter);
    }

    /// <returns>False when something has to go or to be seen first: a claim of an earlier pod, a pod of somebody else.</returns>
    async Task<bool> ExecuteAsync(StatefulSetDocument set, IReadOnlyList<V1Pod> own, SetPlan plan, SetHistory.Present history, CancellationToken cancellationToken)
    {
        var free = true;
        foreach (var (ordinal, updated) in plan.Create)
        {
            if (!await TryCreateAsync(set, ordinal, updated ? history.Update : history.Current, cancellationToken))
            {
                return false; // whatever stops one pod would stop the others: Kubernetes does not try them either
            }
        }

        foreach (var pod in plan.EnsureClaims)
        {
            free &= await _claims.EnsureAsync(set, BuildSetPod.OrdinalOf(set, pod.Metadata.Name)!.Value, cancellationToken);
        }

        foreach (var pod in plan.Relabel)
        {
            await RelabelAsync(set, pod, cancellationToken);
        }

        if (set.Metadata.DeletionTimestamp is null)
        {
            await _claims.SettleOwnersAsync(set, own, cancellationToken);
        }

        foreach (var pod in plan.Delete)
        {
            await DeleteAsync(set, pod, cancellationToken);
        }

        return free;
    }

    async Task<bool> TryCreateAsync(StatefulSetDocument set, int ordinal, ControllerRevisionDocument revision, CancellationToken cancellationToken)
    {
        if (_claims.IsHeldByEarlierPod(set, ordinal) || !await _claims.EnsureAsync(set, ordinal, cancellationToken))
        {
            return false;
        }

        var pod = BuildSetPod.Pod(SetRevision.Restore(set, revision), ordinal, revision.Metadata.Name!);
        try
        {
            await api.CreateAsync(pod, cancellationToken);
            events.Normal(set, "SuccessfulCreate", $"create Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            return false; // made by the pass before, or somebody else's: the cache will show which
        }
        catch (KubernetesApiException e)
        {
            events.Warning(set, "FailedCreate", $"create Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
            throw;
        }

        return true;
    }

    async Task RelabelAsync(StatefulSetDocument set, V1Pod pod, CancellationToken cancellationToken)
    {
        var ordinal = BuildSetPod.OrdinalOf(set, pod.Metadata.Name)!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var labels = new JsonObject { [BuildSetPod.NameLabel] = pod.Metadata.Name, [BuildSetPod.IndexLabel] = ordinal };
        await api.MergePatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["labels"] = labels } }, null, cancellationToken);
        events.Normal(set, "SuccessfulUpdate", $"update Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");
    }

    async Task DeleteAsync(StatefulSetDocument set, V1Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            await api.DeleteAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, new DeleteOptions { PreconditionUid = pod.Metadata.Uid }, cancellationToken);
            events.Normal(set, "SuccessfulDelete", $"delete Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name} successful");
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // gone already, or another pod by now
        }
    }

    async Task WriteStatusAsync(StatefulSetDocument set, V1StatefulSetStatus status, CancellationToken cancellationToken)
    {
        if (status == set.Status)
        {
            return;
        }

        var json = JsonSerializer.SerializeToNode(new V1StatefulSet { Spec = null, Status = status }, V1StatefulSet.JsonTypeInfo)!["status"]!.DeepClone();
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = set.Metadata.Uid }, ["status"] = json };
        await api.MergePatchAsync<StatefulSetDocument>(set.Metadata.NamespaceProperty, set.Metadata.Name!, patch, "status", cancellationToken);
    }
}
