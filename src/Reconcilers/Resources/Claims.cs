using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Resources;

/// <summary>What is read of the claims that StatefulSets made. They belong to no StatefulSet; what becomes of them is decided here.</summary>
public static class Claims
{
    const string StorageResource = "storage";

    /// <summary>The claim of a pod; null where there is none.</summary>
    public static V1PersistentVolumeClaim? Of(ClusterObservation observation, string pod)
    {
        ArgumentNullException.ThrowIfNull(observation);
        var name = $"{ClusterNames.DataVolume}-{pod}";
        return observation.Objects.Claims.FirstOrDefault(claim => claim.Metadata.Name == name);
    }

    /// <summary>What was asked for; null where the claim does not say.</summary>
    public static Quantity? RequestOf(V1PersistentVolumeClaim? claim) => Read(claim?.Spec?.Resources?.Requests);

    /// <summary>What the volume has; null until it is bound.</summary>
    public static Quantity? CapacityOf(V1PersistentVolumeClaim? claim) => Read(claim?.Status?.Capacity);

    /// <summary>The size of the volumes that a StatefulSet makes; null where it makes none.</summary>
    public static Quantity? SizeOf(V1StatefulSet? set) => RequestOf(TemplateOf(set));

    /// <summary>What a StatefulSet makes the claims of its pods from; null where it makes none.</summary>
    public static V1PersistentVolumeClaim? TemplateOf(V1StatefulSet? set) =>
        set?.Spec?.VolumeClaimTemplates?.FirstOrDefault(template => template.Metadata.Name == ClusterNames.DataVolume);

    /// <summary>Whether the claim goes with this very cluster.</summary>
    public static bool IsOwnedBy(V1PersistentVolumeClaim claim, string? clusterUid)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return claim.Metadata.OwnerReferences?.Any(owner => owner.Uid == clusterUid) == true;
    }

    /// <summary>Whether the claim is going, with an earlier cluster of the same name that asked for it or by somebody's hand: nothing may be written to it any more.</summary>
    public static bool IsGoing(V1PersistentVolumeClaim claim, RedisCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(cluster);
        return claim.Metadata.DeletionTimestamp is not null
            || claim.Metadata.OwnerReferences?.Any(owner => owner.Kind == cluster.Kind && owner.Name == cluster.Metadata.Name && owner.Uid != cluster.Metadata.Uid) == true;
    }

    /// <summary>Has the claim go with the cluster. It controls nothing: the claim is used by pods of a StatefulSet.</summary>
    public static V1OwnerReference OwnerReference(RedisCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return new V1OwnerReference { ApiVersion = cluster.ApiVersion, Kind = cluster.Kind, Name = cluster.Metadata.Name!, Uid = cluster.Metadata.Uid!, BlockOwnerDeletion = true };
    }

    /// <summary>The amount that stands for storage in a map of resources.</summary>
    public static IReadOnlyDictionary<string, Quantity> Amount(Quantity size) => new SortedDictionary<string, Quantity>(StringComparer.Ordinal) { [StorageResource] = size };

    static Quantity? Read(IReadOnlyDictionary<string, Quantity>? amounts) => amounts is not null && amounts.TryGetValue(StorageResource, out var amount) ? amount : (Quantity?)null;
}
