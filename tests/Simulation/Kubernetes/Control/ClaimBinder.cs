using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Claims;

namespace Slotwise.Simulation.Kubernetes.Control;

/// <summary>Gives every claim a disk of its own, lets it grow, and lets it go when no pod uses it any more. There are no objects for the disks: the operator reads none.</summary>
sealed class ClaimBinder(IKubernetesApi api, IObjectCache<V1PersistentVolumeClaim> claims, IObjectCache<V1Pod> pods) : IEntityController<V1PersistentVolumeClaim>
{
    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (claims.Get(key) is not { } claim)
        {
            return default;
        }

        if (claim.Metadata.DeletionTimestamp is not null)
        {
            await ReleaseAsync(claim, cancellationToken);
        }
        else if (claim.Status?.Phase != "Bound" || !SizeOf(claim.Status.Capacity).Equals(SizeOf(claim.Spec?.Resources?.Requests)))
        {
            await BindAsync(claim, cancellationToken);
        }

        return default;
    }

    async Task BindAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (claim.Spec?.VolumeName is not { Length: > 0 })
        {
            var volume = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid }, ["spec"] = new JsonObject { ["volumeName"] = $"pvc-{claim.Metadata.Uid}" } };
            await PatchAsync(claim, volume, null, cancellationToken);
        }

        var status = new V1PersistentVolumeClaimStatus { Phase = "Bound", AccessModes = claim.Spec?.AccessModes, Capacity = claim.Spec?.Resources?.Requests };
        var json = JsonSerializer.SerializeToNode(new V1PersistentVolumeClaim { Status = status }, V1PersistentVolumeClaim.JsonTypeInfo)!["status"]!.DeepClone();
        await PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid }, ["status"] = json }, "status", cancellationToken);
    }

    async Task ReleaseAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var used = pods.List().Any(pod => pod.Metadata.NamespaceProperty == claim.Metadata.NamespaceProperty
            && pod.Spec?.NodeName is { Length: > 0 }
            && pod.Status?.Phase is not ("Succeeded" or "Failed")
            && pod.Spec.Volumes?.Any(volume => volume.PersistentVolumeClaim?.ClaimName == claim.Metadata.Name) == true);
        if (!used && claim.Metadata.Finalizers?.Contains(ClaimController.Protection) == true)
        {
            var finalizers = new JsonArray([.. claim.Metadata.Finalizers.Where(name => name != ClaimController.Protection).Select(name => (JsonNode)name)]);
            await PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid, ["finalizers"] = finalizers } }, null, cancellationToken);
        }
    }

    static Quantity? SizeOf(IReadOnlyDictionary<string, Quantity>? amounts) => amounts is not null && amounts.TryGetValue("storage", out var size) ? size : (Quantity?)null;

    Task<V1PersistentVolumeClaim> PatchAsync(V1PersistentVolumeClaim claim, JsonObject patch, string? subresource, CancellationToken cancellationToken) =>
        api.MergePatchAsync<V1PersistentVolumeClaim>(claim.Metadata.NamespaceProperty, claim.Metadata.Name!, patch, subresource, cancellationToken);
}
