using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.ReplicaSets;

/// <summary>Gives every ReplicaSet as many pods as it asks for.</summary>
public sealed class ReplicaSetController(IKubernetesApi api, IObjectCache<ReplicaSetDocument> sets, IObjectCache<V1Pod> pods, EventRecorder events, TimeProvider time) : IEntityController<ReplicaSetDocument>
{
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(11);

    readonly Adoption<ReplicaSetDocument, V1Pod> _pods = new(api, pods);
    readonly UnseenPods _unseen = new(time);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (sets.Get(key) is not { } set)
        {
            return default;
        }

        var own = await _pods.ClaimAsync(set, pod => Labels.Match(set.Spec.Selector, pod.Metadata.Labels), cancellationToken);
        var active = _unseen.Correct(set.Metadata.Uid!, [.. own.Where(PodAvailability.IsActive)]);
        var now = time.GetUtcNow();
        string? failure = null;
        var changed = false;
        try
        {
            changed = set.Metadata.DeletionTimestamp is null && await ScaleAsync(set, active, cancellationToken);
        }
        catch (KubernetesApiException e)
        {
            failure = e.Message;
            throw;
        }
        finally
        {
            await WriteStatusAsync(set, PlanReplicas.StatusOf(set, [.. own.Where(PodAvailability.IsActive)], failure, now), cancellationToken);
        }

        var soonest = own.Select(pod => PodAvailability.TimeUntilAvailable(pod, set.Spec.MinReadySeconds, now)).Where(left => left > TimeSpan.Zero).Min();
        return new ReconcileResult(soonest ?? (changed ? LookAgain : null));
    }

    async Task<bool> ScaleAsync(ReplicaSetDocument set, IReadOnlyList<V1Pod> active, CancellationToken cancellationToken)
    {
        var wanted = set.Spec.Replicas ?? 1;
        for (var count = active.Count; count < wanted; count++)
        {
            await CreateAsync(set, cancellationToken);
        }

        foreach (var pod in PlanReplicas.Surplus(active, active.Count - wanted))
        {
            await DeleteAsync(set, pod, cancellationToken);
        }

        return active.Count != wanted;
    }

    async Task CreateAsync(ReplicaSetDocument set, CancellationToken cancellationToken)
    {
        var annotations = TemplateLabels.Annotations(set.Spec.Template);
        var pod = new PodDocument
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = $"{set.Metadata.Name}-",
                NamespaceProperty = set.Metadata.NamespaceProperty,
                Labels = TemplateLabels.Of(set.Spec.Template),
                Annotations = annotations.Count == 0 ? null : annotations,
                OwnerReferences = [OwnerReference.To(set)],
            },
            Spec = (JsonObject?)set.Spec.Template["spec"]?.DeepClone() ?? [],
        };
        try
        {
            var created = await api.CreateAsync(pod, cancellationToken);
            _unseen.Created(set.Metadata.Uid!, new V1Pod { Metadata = created.Metadata, Status = new V1PodStatus { Phase = "Pending" } });
            events.Normal(set, "SuccessfulCreate", $"Created pod: {created.Metadata.Name}");
        }
        catch (KubernetesApiException e)
        {
            events.Warning(set, "FailedCreate", $"Error creating: {e.Message}");
            throw;
        }
    }

    async Task DeleteAsync(ReplicaSetDocument set, V1Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            await api.DeleteAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, new DeleteOptions { PreconditionUid = pod.Metadata.Uid }, cancellationToken);
            events.Normal(set, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // gone already
        }

        _unseen.Deleted(set.Metadata.Uid!, pod);
    }

    async Task WriteStatusAsync(ReplicaSetDocument set, ReplicaSetDocumentStatus status, CancellationToken cancellationToken)
    {
        var json = Text(status);
        if (JsonNode.DeepEquals(json, Text(set.Status ?? new ReplicaSetDocumentStatus())))
        {
            return;
        }

        json["conditions"] ??= null; // a merge patch removes what is null
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = set.Metadata.Uid }, ["status"] = json };
        await api.MergePatchAsync<ReplicaSetDocument>(set.Metadata.NamespaceProperty, set.Metadata.Name!, patch, "status", cancellationToken);
    }

    static JsonObject Text(ReplicaSetDocumentStatus status)
    {
        var json = (JsonObject)JsonSerializer.SerializeToNode(status, DocumentJson.Default.ReplicaSetDocumentStatus)!;
        foreach (var count in (string[])["fullyLabeledReplicas", "readyReplicas", "availableReplicas"])
        {
            json[count] ??= 0; // the API leaves zeros out
        }

        return json;
    }
}
