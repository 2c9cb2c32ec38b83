using System.ComponentModel.DataAnnotations;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities;

/// <summary>The volume of each server.</summary>
public sealed record RedisClusterStorage
{
    /// <summary>
    /// Size of each volume, such as 10Gi. It may grow, where the storage class allows it, but never shrink; where it is not allowed, it can be
    /// taken back to status.volumeSize. An append-only file takes up to three times the memory limit while it is rewritten.
    /// </summary>
    [RegularExpression("^([1-9][0-9]{0,17}|[1-9][0-9]{0,9}(\\.[0-9]{1,9})?([kMGTPE]|[KMGTPE]i))$")]
    public required Quantity Size { get; init; }

    /// <summary>The storage class, or the default one of the Kubernetes cluster. It cannot be changed.</summary>
    [StringLength(253, MinimumLength = 1)]
    public string? StorageClassName { get; init; }

    /// <summary>Whether the volumes are kept or deleted when the RedisCluster is deleted. A new one of the same name takes kept volumes and their keys over.</summary>
    public VolumeRetention WhenDeleted { get; init; }

    /// <summary>
    /// Whether the volumes of shards and replicas that are removed from now on are kept or deleted. A removed shard's volumes hold no keys, as it was emptied before; those
    /// of a removed replica hold copies.
    /// </summary>
    public VolumeRetention WhenScaled { get; init; }
}

/// <summary>What becomes of a volume that is no longer used.</summary>
public enum VolumeRetention
{
    Retain,
    Delete,
}
