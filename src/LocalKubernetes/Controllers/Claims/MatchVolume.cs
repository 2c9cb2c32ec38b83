using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Claims;

/// <summary>Finds a volume that is there and free for a claim. Pure.</summary>
public static class MatchVolume
{
    /// <summary>The smallest one that is large enough; one that was reserved for the claim first.</summary>
    public static VolumeDocument? Of(V1PersistentVolumeClaim claim, IReadOnlyList<VolumeDocument> volumes)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(volumes);
        return volumes
            .Where(volume => volume.Metadata.DeletionTimestamp is null && (IsReserved(volume, claim) || (volume.Spec.ClaimRef is null && Fits(volume, claim))))
            .OrderByDescending(volume => IsReserved(volume, claim))
            .ThenBy(SizeOf)
            .FirstOrDefault();
    }

    static bool IsReserved(VolumeDocument volume, V1PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } owner && owner.NamespaceProperty == claim.Metadata.NamespaceProperty && owner.Name == claim.Metadata.Name
        && (owner.Uid is null or "" || owner.Uid == claim.Metadata.Uid);

    static bool Fits(VolumeDocument volume, V1PersistentVolumeClaim claim) =>
        (volume.Spec.StorageClassName ?? "") == (claim.Spec?.StorageClassName ?? "")
        && (volume.Spec.VolumeMode ?? "Filesystem") == (claim.Spec?.VolumeMode ?? "Filesystem")
        && (claim.Spec?.AccessModes ?? []).All(mode => volume.Spec.AccessModes?.Contains(mode) == true)
        && (claim.Spec?.Resources?.Requests?.TryGetValue("storage", out var wanted) != true || SizeOf(volume) >= wanted);

    static Quantity? SizeOf(VolumeDocument volume) => volume.Spec.Capacity?.TryGetValue("storage", out var size) == true ? size : (Quantity?)null;
}
