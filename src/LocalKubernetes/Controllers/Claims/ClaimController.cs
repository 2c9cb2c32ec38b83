using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Claims;

/// <summary>Binds every claim to a directory of this machine, through a PersistentVolume of its own.</summary>
public sealed class ClaimController(
    IKubernetesApi api,
    IObjectCache<V1PersistentVolumeClaim> claims,
    IObjectCache<StorageClassDocument> classes,
    IObjectCache<V1Pod> pods,
    string volumesDirectory,
    EventRecorder events) : IEntityController<V1PersistentVolumeClaim>
{
    public const string Provisioner = "localkube.slotwise.dev/directory";

    /// <summary>Keeps a claim while a pod uses it.</summary>
    public const string Protection = "kubernetes.io/pvc-protection";

    const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    /// <summary>The class that claims get which name none.</summary>
    public static StorageClassDocument Standard { get; } = new()
    {
        Metadata = new V1ObjectMeta { Name = "standard", Annotations = new Dictionary<string, string> { [DefaultClass] = "true" } },
        Provisioner = Provisioner,
        ReclaimPolicy = "Delete",
        VolumeBindingMode = "Immediate",
        AllowVolumeExpansion = true,
    };

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (claims.Get(key) is not { } claim)
        {
            return default;
        }

        if (claim.Metadata.DeletionTimestamp is not null)
        {
            await ReleaseAsync(claim, cancellationToken);
            return default;
        }

        if (claim.Metadata.Finalizers?.Contains(Protection) != true)
        {
            var finalizers = new JsonArray([.. (claim.Metadata.Finalizers ?? []).Append(Protection).Select(name => (JsonNode)name)]);
            claim = await PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid, ["finalizers"] = finalizers } }, null, cancellationToken);
        }

        return claim.Status?.Phase == "Bound" ? await GrowAsync(claim, cancellationToken) : await BindAsync(claim, cancellationToken);
    }

    async Task<ReconcileResult> BindAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var name = claim.Spec?.StorageClassName ?? classes.List().FirstOrDefault(one => one.Metadata.Annotations?.GetValueOrDefault(DefaultClass) == "true")?.Metadata.Name;
        if (name is null or "")
        {
            events.Normal(claim, "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
            return new ReconcileResult(RetryInterval);
        }

        if (classes.Get(new NamespacedName("", name)) is not { } storageClass)
        {
            events.Warning(claim, "ProvisioningFailed", $"storageclass.storage.k8s.io \"{name}\" not found");
            return new ReconcileResult(RetryInterval);
        }

        if (storageClass.Provisioner != Provisioner)
        {
            events.Normal(claim, "ExternalProvisioning", $"Waiting for a volume to be created by the external provisioner '{storageClass.Provisioner}': LocalKubernetes itself serves '{Provisioner}' only");
            return new ReconcileResult(RetryInterval);
        }

        var volume = BuildVolume(claim, storageClass, volumesDirectory);
        Directory.CreateDirectory(volume.Spec.HostPath!.Path!);
        try
        {
            await api.CreateAsync(volume, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // the pass before came this far
        }

        await api.MergePatchAsync<VolumeDocument>(null, volume.Metadata.Name!, new JsonObject { ["status"] = new JsonObject { ["phase"] = "Bound" } }, "status", cancellationToken);
        var annotations = new JsonObject
        {
            ["pv.kubernetes.io/bind-completed"] = "yes",
            ["pv.kubernetes.io/bound-by-controller"] = "yes",
            ["volume.kubernetes.io/storage-provisioner"] = Provisioner,
        };
        claim = await PatchAsync(
            claim,
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid, ["annotations"] = annotations },
                ["spec"] = new JsonObject { ["volumeName"] = volume.Metadata.Name, ["storageClassName"] = name },
            },
            null,
            cancellationToken);
        await PatchStatusAsync(claim, cancellationToken);
        events.Normal(claim, "ProvisioningSucceeded", $"Successfully provisioned volume {volume.Metadata.Name}");
        return default;
    }

    /// <summary>A directory has no size: a claim that asks for more has it.</summary>
    async Task<ReconcileResult> GrowAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (RequestOf(claim) is { } wanted && (claim.Status?.Capacity?.TryGetValue("storage", out var had) != true || had < wanted))
        {
            var size = new JsonObject { ["spec"] = new JsonObject { ["capacity"] = new JsonObject { ["storage"] = wanted.ToString() } } };
            await api.MergePatchAsync<VolumeDocument>(null, claim.Spec!.VolumeName!, size, null, cancellationToken);
            await PatchStatusAsync(claim, cancellationToken);
            events.Normal(claim, "FileSystemResizeSuccessful", "MountVolume.NodeExpandVolume succeeded for volume");
        }

        return default;
    }

    /// <summary>Lets a deleted claim go once no pod uses it, and its volume with it.</summary>
    async Task ReleaseAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var used = pods.List().Any(pod => pod.Metadata.NamespaceProperty == claim.Metadata.NamespaceProperty
            && pod.Spec?.NodeName is { Length: > 0 } // one that no host has yet holds nothing
            && pod.Status?.Phase is not ("Succeeded" or "Failed")
            && pod.Spec?.Volumes?.Any(volume => volume.PersistentVolumeClaim?.ClaimName == claim.Metadata.Name) == true);
        if (used || claim.Metadata.Finalizers?.Contains(Protection) != true)
        {
            return;
        }

        if (claim.Spec?.VolumeName is { Length: > 0 } volume)
        {
            await DeleteVolumeAsync(volume, cancellationToken);
        }

        var finalizers = new JsonArray([.. claim.Metadata.Finalizers.Where(name => name != Protection).Select(name => (JsonNode)name)]);
        await PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid, ["finalizers"] = finalizers } }, null, cancellationToken);
    }

    async Task DeleteVolumeAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var volume = await api.GetAsync<VolumeDocument>(null, name, cancellationToken);
            if (volume.Spec.PersistentVolumeReclaimPolicy != "Delete")
            {
                await api.MergePatchAsync<VolumeDocument>(null, name, new JsonObject { ["status"] = new JsonObject { ["phase"] = "Released" } }, "status", cancellationToken);
                return;
            }

            var directory = Path.Combine(volumesDirectory, name);
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }

            await api.DeleteAsync<VolumeDocument>(null, name, new DeleteOptions(), cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // gone already
        }
    }

    /// <summary>The volume of a claim. Pure.</summary>
    public static VolumeDocument BuildVolume(V1PersistentVolumeClaim claim, StorageClassDocument storageClass, string volumesDirectory)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(storageClass);
        var name = $"pvc-{claim.Metadata.Uid}";
        return new VolumeDocument
        {
            Metadata = new V1ObjectMeta { Name = name, Annotations = new Dictionary<string, string> { ["pv.kubernetes.io/provisioned-by"] = Provisioner } },
            Spec = new VolumeDocumentSpec
            {
                Capacity = RequestOf(claim) is { } size ? new Dictionary<string, Quantity> { ["storage"] = size } : null,
                AccessModes = claim.Spec?.AccessModes,
                PersistentVolumeReclaimPolicy = storageClass.ReclaimPolicy ?? "Delete",
                StorageClassName = storageClass.Metadata.Name,
                VolumeMode = claim.Spec?.VolumeMode ?? "Filesystem",
                HostPath = new VolumeHostPath { Path = Path.Combine(volumesDirectory, name), Type = "Directory" },
                ClaimRef = EventRecorder.Reference(claim),
            },
        };
    }

    static Quantity? RequestOf(V1PersistentVolumeClaim claim) =>
        claim.Spec?.Resources?.Requests is { } requests && requests.TryGetValue("storage", out var size) ? size : (Quantity?)null;

    Task<V1PersistentVolumeClaim> PatchStatusAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var status = new V1PersistentVolumeClaimStatus
        {
            Phase = "Bound",
            AccessModes = claim.Spec?.AccessModes,
            Capacity = RequestOf(claim) is { } size ? new Dictionary<string, Quantity> { ["storage"] = size } : new Dictionary<string, Quantity>(),
        };
        var json = JsonSerializer.SerializeToNode(new V1PersistentVolumeClaim { Status = status }, V1PersistentVolumeClaim.JsonTypeInfo)!["status"]!.DeepClone();
        return PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid }, ["status"] = json }, "status", cancellationToken);
    }

    Task<V1PersistentVolumeClaim> PatchAsync(V1PersistentVolumeClaim claim, JsonObject patch, string? subresource, CancellationToken cancellationToken) =>
        api.MergePatchAsync<V1PersistentVolumeClaim>(claim.Metadata.NamespaceProperty, claim.Metadata.Name!, patch, subresource, cancellationToken);
}
