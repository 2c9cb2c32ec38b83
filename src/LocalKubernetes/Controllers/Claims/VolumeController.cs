using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Controllers.Claims;

/// <summary>Says of every volume whether it is free, bound or released, keeps it while a claim has it, and removes what is to go with its claim.</summary>
public sealed class VolumeController(IKubernetesApi api, IObjectCache<VolumeDocument> volumes, IObjectCache<V1PersistentVolumeClaim> claims, string volumesDirectory) : IEntityController<VolumeDocument>
{
    /// <summary>Keeps a volume while a claim is bound to it.</summary>
    public const string Protection = "kubernetes.io/pv-protection";

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (volumes.Get(key) is not { } volume)
        {
            return default;
        }

        if (volume.Metadata.DeletionTimestamp is null && volume.Metadata.Finalizers?.Contains(Protection) != true)
        {
            volume = await FinalizersAsync(volume, (volume.Metadata.Finalizers ?? []).Append(Protection), cancellationToken);
        }

        var phase = await PhaseOfAsync(volume, cancellationToken);
        if (volume.Status?.Phase != phase)
        {
            volume = await api.MergePatchAsync<VolumeDocument>(null, key.Name, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = volume.Metadata.Uid }, ["status"] = new JsonObject { ["phase"] = phase } }, "status", cancellationToken);
        }

        if (phase == "Released" && volume.Metadata.DeletionTimestamp is null && volume.Spec.PersistentVolumeReclaimPolicy == "Delete" && volume.Metadata.Annotations?.GetValueOrDefault("pv.kubernetes.io/provisioned-by") is ClaimController.Provisioner or ClaimController.SizedProvisioner)
        {
            var directory = Path.Combine(volumesDirectory, key.Name);
            await SizedFileSystem.RemoveAsync(directory, cancellationToken);
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }

            await api.DeleteAsync<VolumeDocument>(null, key.Name, new DeleteOptions { PreconditionUid = volume.Metadata.Uid }, cancellationToken);
            volume = await api.GetAsync<VolumeDocument>(null, key.Name, cancellationToken);
        }

        if (volume.Metadata.DeletionTimestamp is not null && phase != "Bound" && volume.Metadata.Finalizers?.Contains(Protection) == true)
        {
            await FinalizersAsync(volume, volume.Metadata.Finalizers.Where(name => name != Protection), cancellationToken);
        }

        return default;
    }

    async Task<string> PhaseOfAsync(VolumeDocument volume, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef is not { Uid.Length: > 0 } owner)
        {
            return "Available";
        }

        var claim = claims.Get(new NamespacedName(owner.NamespaceProperty ?? "", owner.Name ?? ""));
        if (claim?.Metadata.Uid == owner.Uid)
        {
            return "Bound";
        }

        // asked afresh: what is thrown away on a stale cache is lost for good
        try
        {
            var now = await api.GetAsync<V1PersistentVolumeClaim>(owner.NamespaceProperty, owner.Name ?? "", cancellationToken);
            return now.Metadata.Uid == owner.Uid ? "Bound" : "Released";
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return "Released";
        }
    }

    Task<VolumeDocument> FinalizersAsync(VolumeDocument volume, IEnumerable<string> finalizers, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject
        {
            ["uid"] = volume.Metadata.Uid,
            ["resourceVersion"] = volume.Metadata.ResourceVersion,
            ["finalizers"] = new JsonArray([.. finalizers.Select(name => (JsonNode)name)]),
        };
        return api.MergePatchAsync<VolumeDocument>(null, volume.Metadata.Name!, new JsonObject { ["metadata"] = metadata }, null, cancellationToken);
    }
}
