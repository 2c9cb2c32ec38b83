using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Scheduling;
using Slotwise.LocalKubernetes.Events;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Controllers.Claims;

/// <summary>Binds claims to volumes: those that are there and free, or a directory of this machine made for them.</summary>
public sealed class ClaimController(
    IKubernetesApi api,
    IObjectCache<V1PersistentVolumeClaim> claims,
    IObjectCache<VolumeDocument> volumes,
    IObjectCache<StorageClassDocument> classes,
    IObjectCache<V1Pod> pods,
    string volumesDirectory,
    EventRecorder events,
    TimeProvider time) : IEntityController<V1PersistentVolumeClaim>
{
    public const string Provisioner = "localkube.slotwise.dev/directory";

    /// <summary>The provisioner of <see cref="Sized"/>.</summary>
    public const string SizedProvisioner = "localkube.slotwise.dev/file-system";

    /// <summary>Keeps a claim while a pod uses it.</summary>
    public const string Protection = "kubernetes.io/pvc-protection";

    /// <summary>Says of a class that claims get it which name none.</summary>
    public const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

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

    /// <summary>Volumes that hold as much as was asked for and no more: a disk that can be full, and can grow while it is used.</summary>
    public static StorageClassDocument Sized { get; } = new()
    {
        Metadata = new V1ObjectMeta { Name = "sized" },
        Provisioner = SizedProvisioner,
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

        return claim.Status?.Phase switch
        {
            "Bound" => await GrowAsync(claim, cancellationToken),
            "Lost" => default,
            _ => await BindAsync(claim, cancellationToken),
        };
    }

    async Task<ReconcileResult> BindAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (claim.Spec?.VolumeName is { Length: > 0 } asked)
        {
            var volume = volumes.Get(new NamespacedName("", asked));
            if (volume is not null && IsFreeFor(volume, claim))
            {
                await BindAsync(claim, volume, cancellationToken);
                return default;
            }

            if (volume is not null)
            {
                events.Warning(claim, "FailedBinding", $"volume \"{asked}\" already bound to a different claim.");
            }

            return new ReconcileResult(RetryInterval);
        }

        var name = claim.Spec?.StorageClassName;
        if (MatchVolume.Of(claim, volumes.List()) is { } matching)
        {
            await BindAsync(claim, matching, cancellationToken);
            return default;
        }

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

        return await ProvisionAsync(claim, storageClass, cancellationToken);
    }

    async Task<ReconcileResult> ProvisionAsync(V1PersistentVolumeClaim claim, StorageClassDocument storageClass, CancellationToken cancellationToken)
    {
        if (storageClass.VolumeBindingMode == "WaitForFirstConsumer" && claim.Metadata.Annotations?.ContainsKey(Scheduler.SelectedHost) != true)
        {
            events.Normal(claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
            return new ReconcileResult(RetryInterval);
        }

        if (storageClass.Provisioner is not (Provisioner or SizedProvisioner))
        {
            events.Normal(
                claim,
                "ExternalProvisioning",
                $"Waiting for a volume to be created either by the external provisioner '{storageClass.Provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
            return new ReconcileResult(RetryInterval);
        }

        var volume = BuildVolume(claim, storageClass, volumesDirectory);
        if (!await TryMakeAsync(claim, storageClass, volume.Spec.HostPath!.Path!, cancellationToken))
        {
            return new ReconcileResult(RetryInterval);
        }

        try
        {
            volume = await api.CreateAsync(volume, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // the pass before came this far
        }

        await BindAsync(claim, volume, cancellationToken);
        events.Normal(claim, "ProvisioningSucceeded", $"Successfully provisioned volume {volume.Metadata.Name}");
        return default;
    }

    async Task<bool> TryMakeAsync(V1PersistentVolumeClaim claim, StorageClassDocument storageClass, string directory, CancellationToken cancellationToken)
    {
        if (storageClass.Provisioner == Provisioner)
        {
            Directory.CreateDirectory(directory);
            return true;
        }

        var bytes = (long)(RequestOf(claim)?.Amount ?? 0);
        try
        {
            if (bytes < SizedFileSystem.SmallestBytes)
            {
                throw new HostCommandException($"spec.resources.requests.storage is {bytes} bytes, and a file system takes {SizedFileSystem.SmallestBytes} at least: ask for more");
            }

            await SizedFileSystem.EnsureAsync(directory, bytes, cancellationToken);
            return true;
        }
        catch (HostCommandException e)
        {
            events.Warning(claim, "ProvisioningFailed", $"failed to provision volume with StorageClass \"{storageClass.Metadata.Name}\": {e.Message}");
            return false;
        }
    }

    async Task BindAsync(V1PersistentVolumeClaim claim, VolumeDocument volume, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef?.Uid != claim.Metadata.Uid)
        {
            var owner = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "PersistentVolumeClaim",
                ["namespace"] = claim.Metadata.NamespaceProperty,
                ["name"] = claim.Metadata.Name,
                ["uid"] = claim.Metadata.Uid,
                ["resourceVersion"] = claim.Metadata.ResourceVersion,
            };
            await api.MergePatchAsync<VolumeDocument>(null, volume.Metadata.Name!, new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = volume.Metadata.ResourceVersion }, ["spec"] = new JsonObject { ["claimRef"] = owner } }, null, cancellationToken);
        }

        await api.MergePatchAsync<VolumeDocument>(null, volume.Metadata.Name!, new JsonObject { ["status"] = new JsonObject { ["phase"] = "Bound" } }, "status", cancellationToken);
        var annotations = new JsonObject { ["pv.kubernetes.io/bind-completed"] = "yes" };
        if (claim.Spec?.VolumeName is not { Length: > 0 })
        {
            annotations["pv.kubernetes.io/bound-by-controller"] = "yes";
            annotations["volume.beta.kubernetes.io/storage-provisioner"] = volume.Metadata.Annotations?.GetValueOrDefault("pv.kubernetes.io/provisioned-by") ?? Provisioner;
            annotations["volume.kubernetes.io/storage-provisioner"] = volume.Metadata.Annotations?.GetValueOrDefault("pv.kubernetes.io/provisioned-by") ?? Provisioner;
        }

        claim = await PatchAsync(
            claim,
            new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid, ["annotations"] = annotations }, ["spec"] = new JsonObject { ["volumeName"] = volume.Metadata.Name } },
            null,
            cancellationToken);
        await PatchStatusAsync(claim, volume.Spec.Capacity ?? CapacityOf(claim), cancellationToken);
    }

    /// <summary>
    /// A directory has no size: a claim that asks for more has it. A file system grows when a pod uses it, as the kubelet's part of growing is; until then
    /// the claim says that it waits for that.
    /// </summary>
    async Task<ReconcileResult> GrowAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var volume = volumes.Get(new NamespacedName("", claim.Spec?.VolumeName ?? ""));
        if (volume is null && await IsLostAsync(claim, cancellationToken))
        {
            await PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid }, ["status"] = new JsonObject { ["phase"] = "Lost" } }, "status", cancellationToken);
            events.Warning(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
            return default;
        }

        if (RequestOf(claim) is not { } wanted || (claim.Status?.Capacity?.TryGetValue("storage", out var had) == true && had >= wanted))
        {
            return default;
        }

        var size = new JsonObject { ["spec"] = new JsonObject { ["capacity"] = new JsonObject { ["storage"] = wanted.ToString() } } };
        await api.MergePatchAsync<VolumeDocument>(null, claim.Spec!.VolumeName!, size, null, cancellationToken);
        if (volume?.Metadata.Annotations?.GetValueOrDefault("pv.kubernetes.io/provisioned-by") == SizedProvisioner)
        {
            if (!IsUsed(claim))
            {
                await PendAsync(claim, cancellationToken);
                return new ReconcileResult(RetryInterval);
            }

            try
            {
                await SizedFileSystem.EnsureAsync(volume.Spec.HostPath!.Path!, (long)wanted.Amount, cancellationToken);
            }
            catch (HostCommandException e)
            {
                events.Warning(claim, "VolumeResizeFailed", $"NodeExpandVolume.NodeExpandVolume failed for volume \"{volume.Metadata.Name}\" : {e.Message}");
                return new ReconcileResult(RetryInterval);
            }
        }

        await PatchStatusAsync(claim, CapacityOf(claim), cancellationToken);
        events.Normal(claim, "FileSystemResizeSuccessful", "MountVolume.NodeExpandVolume succeeded for volume");
        return default;
    }

    async Task PendAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        const string Pending = "FileSystemResizePending";
        const string Message = "Waiting for user to (re-)start a pod to finish file system resize of volume on node.";
        if (claim.Status?.Conditions?.Any(condition => condition is { Type: Pending, Status: "True" }) == true)
        {
            return;
        }

        var condition = new JsonObject { ["type"] = Pending, ["status"] = "True", ["lastTransitionTime"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ["message"] = Message };
        await PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid }, ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } }, "status", cancellationToken);
        events.Normal(claim, "FileSystemResizeRequired", "Require file system resize of volume on node");
    }

    /// <summary>Asked afresh: the cache may not know a volume yet that was made a moment ago.</summary>
    async Task<bool> IsLostAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            await api.GetAsync<VolumeDocument>(null, claim.Spec?.VolumeName ?? "", cancellationToken);
            return false;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return true;
        }
    }

    /// <summary>Lets a deleted claim go once no pod uses it. Its volume is looked after by <see cref="VolumeController"/>.</summary>
    async Task ReleaseAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (IsUsed(claim) || claim.Metadata.Finalizers?.Contains(Protection) != true)
        {
            return;
        }

        var finalizers = new JsonArray([.. claim.Metadata.Finalizers.Where(name => name != Protection).Select(name => (JsonNode)name)]);
        await PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid, ["finalizers"] = finalizers } }, null, cancellationToken);
    }

    bool IsUsed(V1PersistentVolumeClaim claim) => pods.List().Any(pod => pod.Metadata.NamespaceProperty == claim.Metadata.NamespaceProperty
        && pod.Spec?.NodeName is { Length: > 0 } // one that no host has yet holds nothing
        && pod.Status?.Phase is not ("Succeeded" or "Failed")
        && pod.Spec?.Volumes?.Any(volume => volume.PersistentVolumeClaim?.ClaimName == claim.Metadata.Name) == true);

    static bool IsFreeFor(VolumeDocument volume, V1PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is not { } owner
        || (owner.NamespaceProperty == claim.Metadata.NamespaceProperty && owner.Name == claim.Metadata.Name && (owner.Uid is null or "" || owner.Uid == claim.Metadata.Uid));

    /// <summary>The volume of a claim. Pure.</summary>
    public static VolumeDocument BuildVolume(V1PersistentVolumeClaim claim, StorageClassDocument storageClass, string volumesDirectory)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(storageClass);
        var name = $"pvc-{claim.Metadata.Uid}";
        return new VolumeDocument
        {
            Metadata = new V1ObjectMeta { Name = name, Finalizers = [VolumeController.Protection], Annotations = new Dictionary<string, string> { ["pv.kubernetes.io/provisioned-by"] = storageClass.Provisioner ?? Provisioner } },
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

    static Dictionary<string, Quantity> CapacityOf(V1PersistentVolumeClaim claim) =>
        RequestOf(claim) is { } size ? new Dictionary<string, Quantity> { ["storage"] = size } : new Dictionary<string, Quantity>();

    Task<V1PersistentVolumeClaim> PatchStatusAsync(V1PersistentVolumeClaim claim, IReadOnlyDictionary<string, Quantity> capacity, CancellationToken cancellationToken)
    {
        var status = new V1PersistentVolumeClaimStatus { Phase = "Bound", AccessModes = claim.Spec?.AccessModes, Capacity = capacity };
        var json = JsonSerializer.SerializeToNode(new V1PersistentVolumeClaim { Status = status }, V1PersistentVolumeClaim.JsonTypeInfo)!["status"]!.DeepClone();
        json["conditions"] = null; // whatever was going on with its size is done
        return PatchAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid }, ["status"] = json }, "status", cancellationToken);
    }

    Task<V1PersistentVolumeClaim> PatchAsync(V1PersistentVolumeClaim claim, JsonObject patch, string? subresource, CancellationToken cancellationToken) =>
        api.MergePatchAsync<V1PersistentVolumeClaim>(claim.Metadata.NamespaceProperty, claim.Metadata.Name!, patch, subresource, cancellationToken);
}
