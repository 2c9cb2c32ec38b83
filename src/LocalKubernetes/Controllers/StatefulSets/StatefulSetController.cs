using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
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
    const int DefaultHistory = 10;

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (sets.Get(key) is not { } set)
        {
            return default;
        }

        var own = await ObserveAndAdoptAsync(set, cancellationToken);
        var (current, update) = await EnsureRevisionsAsync(set, cancellationToken);
        var now = time.GetUtcNow();
        var plan = PlanSet.Of(set, own, current.Metadata.Name!, update.Metadata.Name!, now);
        foreach (var (ordinal, updated) in plan.Create)
        {
            await CreateAsync(set, ordinal, updated ? update : current, cancellationToken);
        }

        foreach (var pod in plan.Delete)
        {
            await DeleteAsync(set, pod, cancellationToken);
        }

        await OwnClaimsOfScaledDownAsync(set, plan.Delete, cancellationToken);
        await WriteStatusAsync(set, PlanSet.StatusOf(set, own, current.Metadata.Name!, update.Metadata.Name!, now), cancellationToken);
        await TrimHistoryAsync(set, own, current, update, cancellationToken);
        return new ReconcileResult(plan.RecheckAfter);
    }

    /// <summary>Its pods; those that match and belong to nobody become its own.</summary>
    async Task<List<V1Pod>> ObserveAndAdoptAsync(StatefulSetDocument set, CancellationToken cancellationToken)
    {
        var own = new List<V1Pod>();
        foreach (var pod in pods.List().Where(pod => pod.Metadata.NamespaceProperty == set.Metadata.NamespaceProperty))
        {
            var controller = pod.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true);
            if (controller?.Uid == set.Metadata.Uid)
            {
                own.Add(pod);
            }
            else if (controller is null && set.Metadata.DeletionTimestamp is null && pod.Metadata.DeletionTimestamp is null
                && BuildSetPod.OrdinalOf(set, pod.Metadata.Name) is not null && Labels.Match(set.Spec.Selector, pod.Metadata.Labels))
            {
                var owners = (pod.Metadata.OwnerReferences ?? []).Append(BuildSetPod.OwnerOf(set)).ToList();
                var metadata = JsonSerializer.SerializeToNode(new V1Pod { Metadata = new V1ObjectMeta { Uid = pod.Metadata.Uid, OwnerReferences = owners } }, V1Pod.JsonTypeInfo)!["metadata"]!;
                own.Add(await api.MergePatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, new JsonObject { ["metadata"] = metadata.DeepClone() }, null, cancellationToken));
            }
        }

        return own;
    }

    async Task<(ControllerRevisionDocument Current, ControllerRevisionDocument Update)> EnsureRevisionsAsync(StatefulSetDocument set, CancellationToken cancellationToken)
    {
        var data = SetRevision.DataOf(set);
        var name = SetRevision.NameOf(set, data);
        var own = RevisionsOf(set);
        var newest = own.Count == 0 ? 0 : own.Max(revision => revision.Revision);
        var update = own.Find(revision => revision.Metadata.Name == name);
        if (update is null)
        {
            update = SetRevision.Build(set, data, newest + 1);
            try
            {
                update = await api.CreateAsync(update, cancellationToken);
            }
            catch (KubernetesApiException e) when (e.IsAlreadyExists)
            {
                // made by the pass before, and the cache does not show it yet
            }
        }
        else if (update.Revision != newest)
        {
            // the template of earlier is the newest again
            update = await api.MergePatchAsync<ControllerRevisionDocument>(set.Metadata.NamespaceProperty, name, new JsonObject { ["revision"] = newest + 1 }, null, cancellationToken);
        }

        var current = own.Find(revision => revision.Metadata.Name == set.Status?.CurrentRevision) ?? update;
        return (current, update);
    }

    List<ControllerRevisionDocument> RevisionsOf(StatefulSetDocument set) =>
        [.. revisions.List().Where(revision => revision.Metadata.OwnerReferences?.Any(owner => owner.Uid == set.Metadata.Uid) == true)];

    async Task CreateAsync(StatefulSetDocument set, int ordinal, ControllerRevisionDocument revision, CancellationToken cancellationToken)
    {
        var restored = SetRevision.Restore(set, revision);
        var name = BuildSetPod.NameOf(set, ordinal);
        foreach (var claim in BuildSetPod.Claims(restored, ordinal))
        {
            if (claims.Get(NamespacedName.Of(claim)) is null && await TryCreateAsync(claim, cancellationToken))
            {
                events.Normal(set, "SuccessfulCreate", $"create Claim {claim.Metadata.Name} Pod {name} in StatefulSet {set.Metadata.Name} success");
            }
        }

        try
        {
            if (await TryCreateAsync(BuildSetPod.Pod(restored, ordinal, revision.Metadata.Name!), cancellationToken))
            {
                events.Normal(set, "SuccessfulCreate", $"create Pod {name} in StatefulSet {set.Metadata.Name} successful");
            }
        }
        catch (KubernetesApiException e) when (!e.IsConflict)
        {
            events.Warning(set, "FailedCreate", $"create Pod {name} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
            throw;
        }
    }

    async Task<bool> TryCreateAsync<T>(T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            await api.CreateAsync(obj, cancellationToken);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            return false;
        }
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

    /// <summary>With <c>whenScaled: Delete</c> the claims of a pod that goes are garbage once the pod is gone.</summary>
    async Task OwnClaimsOfScaledDownAsync(StatefulSetDocument set, IReadOnlyList<V1Pod> deleted, CancellationToken cancellationToken)
    {
        if (set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenScaled != "Delete")
        {
            return;
        }

        var highest = (set.Spec.Ordinals?.Start ?? 0) + (set.Spec.Replicas ?? 1);
        foreach (var pod in deleted.Where(pod => BuildSetPod.OrdinalOf(set, pod.Metadata.Name) >= highest))
        {
            foreach (var claim in BuildSetPod.Claims(set, BuildSetPod.OrdinalOf(set, pod.Metadata.Name)!.Value).Where(claim => claims.Get(NamespacedName.Of(claim)) is not null))
            {
                var owner = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = pod.Metadata.Name, ["uid"] = pod.Metadata.Uid };
                var patch = new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = new JsonArray(owner) } };
                await api.MergePatchAsync<V1PersistentVolumeClaim>(claim.Metadata.NamespaceProperty, claim.Metadata.Name!, patch, null, cancellationToken);
            }
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

    async Task TrimHistoryAsync(StatefulSetDocument set, List<V1Pod> own, ControllerRevisionDocument current, ControllerRevisionDocument update, CancellationToken cancellationToken)
    {
        var used = own.Select(pod => pod.Metadata.Labels?.GetValueOrDefault(BuildSetPod.RevisionLabel)).Append(current.Metadata.Name).Append(update.Metadata.Name).ToHashSet();
        var unused = RevisionsOf(set).Where(revision => !used.Contains(revision.Metadata.Name)).OrderBy(revision => revision.Revision).ToList();
        foreach (var revision in unused.Take(Math.Max(0, unused.Count - (set.Spec.RevisionHistoryLimit ?? DefaultHistory))))
        {
            await api.DeleteAsync<ControllerRevisionDocument>(set.Metadata.NamespaceProperty, revision.Metadata.Name!, new DeleteOptions { PreconditionUid = revision.Metadata.Uid }, cancellationToken);
        }
    }
}
