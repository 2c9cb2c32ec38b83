using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.LocalKubernetes.Controllers.ReplicaSets;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Deployments;

/// <summary>Makes, sizes and removes a Deployment's ReplicaSets, and numbers them.</summary>
sealed class RolloutSets(IKubernetesApi api, EventRecorder events)
{
    const string HistoryAnnotation = "deployment.kubernetes.io/revision-history";

    static readonly string[] NotCopied =
        ["kubectl.kubernetes.io/last-applied-configuration", Rollout.RevisionAnnotation, HistoryAnnotation, Rollout.DesiredAnnotation, Rollout.MaxAnnotation, "deprecated.deployment.rollback.to"];

    /// <summary>Makes the ReplicaSet of the present template if there is none, and gives it the highest number.</summary>
    public async Task<(Rollout Rollout, DeploymentDocumentStatus Status)> EnsureNewAsync(Rollout rollout, DeploymentDocumentStatus status, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var revision = (rollout.Old.Select(set => Rollout.NumberIn(set, Rollout.RevisionAnnotation) ?? 0).DefaultIfEmpty().Max() + 1).ToString(CultureInfo.InvariantCulture);
        if (rollout.New is { } there)
        {
            there = await NumberAsync(rollout, there, revision, cancellationToken);
            if (DeploymentProgress.ConditionOf(status, "Progressing") is null && deployment.Spec.ProgressDeadlineSeconds is not null)
            {
                status = DeploymentProgress.With(status, "Progressing", "True", "FoundNewReplicaSet", $"Found new replica set \"{there.Metadata.Name}\"", now);
            }

            rollout = rollout with { New = there };
        }
        else
        {
            var size = PlanRollout.FirstSize(rollout);
            var (made, isNew) = await CreateAsync(rollout, size, revision, status.CollisionCount ?? 0, cancellationToken);
            if (made is null)
            {
                return (rollout, status with { CollisionCount = (status.CollisionCount ?? 0) + 1 });
            }

            if (isNew && size > 0)
            {
                events.Normal(deployment, "ScalingReplicaSet", $"Scaled up replica set {made.Metadata.Name} from 0 to {size}");
            }

            if (isNew && deployment.Spec.ProgressDeadlineSeconds is not null)
            {
                status = DeploymentProgress.With(status, "Progressing", "True", "NewReplicaSetCreated", $"Created new replica set \"{made.Metadata.Name}\"", now);
            }

            rollout = rollout with { New = made };
        }

        return (await NumberDeploymentAsync(rollout, cancellationToken), status);
    }

    /// <summary>Gives ReplicaSets the sizes that were decided on, and notes what they were decided for.</summary>
    public async Task<Rollout> ResizeAsync(Rollout rollout, IReadOnlyList<(ReplicaSetDocument Set, int Size)> steps, CancellationToken cancellationToken)
    {
        foreach (var (set, size) in steps)
        {
            var metadata = new JsonObject { ["uid"] = set.Metadata.Uid, ["resourceVersion"] = set.Metadata.ResourceVersion, ["annotations"] = Sizes(rollout) };
            var sized = await PatchAsync(set, new JsonObject { ["metadata"] = metadata, ["spec"] = new JsonObject { ["replicas"] = size } }, cancellationToken);
            if (Rollout.SizeOf(set) != size)
            {
                events.Normal(rollout.Deployment, "ScalingReplicaSet", $"Scaled {(size > Rollout.SizeOf(set) ? "up" : "down")} replica set {set.Metadata.Name} from {Rollout.SizeOf(set)} to {size}");
            }

            rollout = rollout with { New = rollout.New == set ? sized : rollout.New, Old = [.. rollout.Old.Select(old => old == set ? sized : old)] };
        }

        return rollout;
    }

    /// <summary>Removes the oldest ReplicaSets without pods, above the limit.</summary>
    public async Task TrimAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        if (rollout.Deployment.Spec.RevisionHistoryLimit is not { } limit || limit == int.MaxValue)
        {
            return;
        }

        var old = rollout.Old.Where(set => set.Metadata.DeletionTimestamp is null).OrderBy(set => Rollout.NumberIn(set, Rollout.RevisionAnnotation) ?? 0).ToList();
        foreach (var set in old.Take(Math.Max(0, old.Count - limit)).Where(set => set.Status?.Replicas is null or 0 && Rollout.SizeOf(set) == 0 && set.Status?.ObservedGeneration >= set.Metadata.Generation))
        {
            try
            {
                await api.DeleteAsync<ReplicaSetDocument>(set.Metadata.NamespaceProperty, set.Metadata.Name!, new DeleteOptions { PreconditionUid = set.Metadata.Uid }, cancellationToken);
            }
            catch (KubernetesApiException e) when (e.IsNotFound)
            {
                // the pass before removed it, and the cache does not show that yet
            }
        }
    }

    /// <returns>Null when another template has its name: the next try takes another one.</returns>
    async Task<(ReplicaSetDocument? Set, bool IsNew)> CreateAsync(Rollout rollout, int size, string revision, int collisions, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var hash = TemplateHash.Of(deployment.Spec.Template, collisions);
        var template = (JsonObject)deployment.Spec.Template.DeepClone();
        var labels = TemplateLabels.Of(template);
        labels[Rollout.HashLabel] = hash;
        if (template["metadata"] is not JsonObject metadata)
        {
            template["metadata"] = metadata = [];
        }

        metadata["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
        var annotations = Copied(deployment);
        annotations[Rollout.RevisionAnnotation] = revision;
        foreach (var (name, value) in Sizes(rollout))
        {
            annotations[name] = (string)value!;
        }

        var set = new ReplicaSetDocument
        {
            Metadata = new V1ObjectMeta { Name = $"{deployment.Metadata.Name}-{hash}", NamespaceProperty = deployment.Metadata.NamespaceProperty, Labels = labels, Annotations = annotations, OwnerReferences = [OwnerReference.To(deployment)] },
            Spec = new ReplicaSetDocumentSpec
            {
                Replicas = size,
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = deployment.Spec.Selector with { MatchLabels = new SortedDictionary<string, string>((deployment.Spec.Selector.MatchLabels ?? new Dictionary<string, string>()).ToDictionary(), StringComparer.Ordinal) { [Rollout.HashLabel] = hash } },
                Template = template,
            },
        };
        try
        {
            return (await api.CreateAsync(set, cancellationToken), true);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            var there = await api.GetAsync<ReplicaSetDocument>(set.Metadata.NamespaceProperty, set.Metadata.Name!, cancellationToken);
            return (OwnerReference.IsControlledBy(there, deployment) && Rollout.Of(deployment, [there]).New is not null ? there : null, false);
        }
        catch (KubernetesApiException e)
        {
            events.Warning(deployment, "ReplicaSetCreateError", $"Failed to create new replica set \"{set.Metadata.Name}\": {e.Message}");
            throw;
        }
    }

    async Task<ReplicaSetDocument> NumberAsync(Rollout rollout, ReplicaSetDocument set, string revision, CancellationToken cancellationToken)
    {
        var has = set.Metadata.Annotations ?? new Dictionary<string, string>();
        var changed = new JsonObject();
        foreach (var (name, value) in Copied(rollout.Deployment).Where(pair => has.GetValueOrDefault(pair.Key) != pair.Value))
        {
            changed[name] = value;
        }

        if ((Rollout.NumberIn(set, Rollout.RevisionAnnotation) ?? 0) < int.Parse(revision, CultureInfo.InvariantCulture))
        {
            changed[Rollout.RevisionAnnotation] = revision;
            if (has.TryGetValue(Rollout.RevisionAnnotation, out var earlier))
            {
                changed[HistoryAnnotation] = has.TryGetValue(HistoryAnnotation, out var history) ? $"{history},{earlier}" : earlier;
            }
        }

        var patch = new JsonObject();
        if (changed.Count > 0)
        {
            patch["metadata"] = new JsonObject { ["uid"] = set.Metadata.Uid, ["annotations"] = changed };
        }

        if ((set.Spec.MinReadySeconds ?? 0) != (rollout.Deployment.Spec.MinReadySeconds ?? 0))
        {
            patch["spec"] = new JsonObject { ["minReadySeconds"] = rollout.Deployment.Spec.MinReadySeconds ?? 0 };
        }

        return patch.Count == 0 ? set : await PatchAsync(set, patch, cancellationToken);
    }

    /// <summary>The Deployment shows the number of its present template.</summary>
    async Task<Rollout> NumberDeploymentAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var revision = rollout.New!.Metadata.Annotations?.GetValueOrDefault(Rollout.RevisionAnnotation);
        if (revision is null || deployment.Metadata.Annotations?.GetValueOrDefault(Rollout.RevisionAnnotation) == revision)
        {
            return rollout;
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = deployment.Metadata.Uid, ["annotations"] = new JsonObject { [Rollout.RevisionAnnotation] = revision } } };
        var numbered = await api.MergePatchAsync<DeploymentDocument>(deployment.Metadata.NamespaceProperty, deployment.Metadata.Name!, patch, null, cancellationToken);
        // what is written next must be about the object as it is now; what was decided was decided on the spec that was read
        return rollout with { Deployment = deployment with { Metadata = deployment.Metadata with { ResourceVersion = numbered.Metadata.ResourceVersion } } };
    }

    Task<ReplicaSetDocument> PatchAsync(ReplicaSetDocument set, JsonObject patch, CancellationToken cancellationToken) =>
        api.MergePatchAsync<ReplicaSetDocument>(set.Metadata.NamespaceProperty, set.Metadata.Name!, patch, null, cancellationToken);

    static JsonObject Sizes(Rollout rollout) => new()
    {
        [Rollout.DesiredAnnotation] = rollout.Wanted.ToString(CultureInfo.InvariantCulture),
        [Rollout.MaxAnnotation] = (rollout.Wanted + rollout.MaxSurge).ToString(CultureInfo.InvariantCulture),
    };

    static SortedDictionary<string, string> Copied(DeploymentDocument deployment) =>
        new((deployment.Metadata.Annotations ?? new Dictionary<string, string>()).Where(pair => !NotCopied.Contains(pair.Key)).ToDictionary(), StringComparer.Ordinal);
}
