using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.LocalKubernetes.Controllers.ReplicaSets;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Deployments;

/// <summary>Exchanges the pods of every Deployment for those of its present template, by one ReplicaSet for each template.</summary>
public sealed class DeploymentController(IKubernetesApi api, IObjectCache<DeploymentDocument> deployments, IObjectCache<ReplicaSetDocument> sets, IObjectCache<V1Pod> pods, EventRecorder events, TimeProvider time) : IEntityController<DeploymentDocument>
{
    readonly Adoption<DeploymentDocument, ReplicaSetDocument> _sets = new(api, sets);
    readonly RolloutSets _rollout = new(api, events);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (deployments.Get(key) is not { } deployment)
        {
            return default;
        }

        var now = time.GetUtcNow();
        var rollout = Rollout.Of(deployment, await _sets.ClaimAsync(deployment, set => Labels.Match(deployment.Spec.Selector, set.Metadata.Labels), cancellationToken));
        var status = deployment.Status ?? new DeploymentDocumentStatus();
        if (deployment.Metadata.DeletionTimestamp is not null)
        {
            await WriteStatusAsync(deployment, DeploymentProgress.StatusOf(rollout, status, now), cancellationToken);
            return default;
        }

        status = NotePause(deployment, status, now);
        if (deployment.Spec.Paused == true || PlanRollout.IsScaled(rollout))
        {
            rollout = await _rollout.ResizeAsync(rollout, PlanRollout.Scale(rollout), cancellationToken);
            if (deployment.Spec.Paused == true)
            {
                await _rollout.TrimAsync(rollout, cancellationToken);
            }

            await WriteStatusAsync(deployment, DeploymentProgress.StatusOf(rollout, status, now), cancellationToken);
            return default;
        }

        return await RollAsync(rollout, status, now, cancellationToken);
    }

    async Task<ReconcileResult> RollAsync(Rollout rollout, DeploymentDocumentStatus status, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var oldPodsRun = !rollout.IsRolling && (rollout.Old.Any(set => set.Status?.Replicas > 0) || HasPods(rollout));
        var noted = status;
        if (rollout.IsRolling || rollout.New is not null || (!oldPodsRun && rollout.Old.All(set => Rollout.SizeOf(set) == 0)))
        {
            try
            {
                (rollout, noted) = await _rollout.EnsureNewAsync(rollout, status, now, cancellationToken);
            }
            catch (KubernetesApiException e) when (!e.IsConflict)
            {
                await WriteStatusAsync(deployment, DeploymentProgress.With(status, "Progressing", "False", "ReplicaSetCreateError", $"Failed to create new replica set: {e.Message}", now), cancellationToken);
                throw;
            }
        }

        var steps = rollout.IsRolling ? PlanRollout.Roll(rollout) : PlanRollout.Recreate(rollout, oldPodsRun);
        rollout = await _rollout.ResizeAsync(rollout, steps, cancellationToken);
        if (steps.Count == 0 && DeploymentProgress.IsComplete(rollout, status))
        {
            await _rollout.TrimAsync(rollout, cancellationToken);
        }

        var said = DeploymentProgress.WithProgress(rollout, noted, DeploymentProgress.StatusOf(rollout, noted, now), now);
        await WriteStatusAsync(rollout.Deployment, said, cancellationToken);
        return new ReconcileResult(DeploymentProgress.TimeUntilDeadline(rollout, said, now));
    }

    /// <summary>Whether pods of an earlier template have not ended.</summary>
    bool HasPods(Rollout rollout)
    {
        var old = rollout.Old.Select(set => set.Metadata.Uid).ToHashSet();
        return pods.List().Any(pod => pod.Status?.Phase is not ("Succeeded" or "Failed") && OwnerReference.ControllerOf(pod) is { } owner && old.Contains(owner.Uid));
    }

    static DeploymentDocumentStatus NotePause(DeploymentDocument deployment, DeploymentDocumentStatus status, DateTimeOffset now)
    {
        var said = DeploymentProgress.ConditionOf(status, "Progressing");
        if (deployment.Spec.ProgressDeadlineSeconds is null || said?.Reason == "ProgressDeadlineExceeded")
        {
            return status;
        }

        return (deployment.Spec.Paused == true, said?.Reason == "DeploymentPaused") switch
        {
            (true, false) => DeploymentProgress.With(status, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", now),
            (false, true) => DeploymentProgress.With(status, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now),
            _ => status,
        };
    }

    async Task WriteStatusAsync(DeploymentDocument deployment, DeploymentDocumentStatus status, CancellationToken cancellationToken)
    {
        var json = Text(status);
        if (JsonNode.DeepEquals(json, Text(deployment.Status ?? new DeploymentDocumentStatus())))
        {
            return;
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = deployment.Metadata.Uid, ["resourceVersion"] = deployment.Metadata.ResourceVersion }, ["status"] = json };
        await api.MergePatchAsync<DeploymentDocument>(deployment.Metadata.NamespaceProperty, deployment.Metadata.Name!, patch, "status", cancellationToken);
    }

    static JsonObject Text(DeploymentDocumentStatus status)
    {
        var json = (JsonObject)JsonSerializer.SerializeToNode(status, DocumentJson.Default.DeploymentDocumentStatus)!;
        foreach (var count in (string[])["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"])
        {
            json[count] ??= 0; // the API leaves zeros out
        }

        return json;
    }
}
