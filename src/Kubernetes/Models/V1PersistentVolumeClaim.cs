using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>A request for a volume, which outlives the pods that use it.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "PersistentVolumeClaim", PluralName = "persistentvolumeclaims")]
public sealed record V1PersistentVolumeClaim : IKubernetesObject<V1PersistentVolumeClaim>
{
    public static JsonTypeInfo<V1PersistentVolumeClaim> JsonTypeInfo => KubernetesJson.Default.V1PersistentVolumeClaim;

    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    public string Kind { get; init => field = value ?? "PersistentVolumeClaim"; } = "PersistentVolumeClaim";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public V1PersistentVolumeClaimSpec? Spec { get; init; }

    public V1PersistentVolumeClaimStatus? Status { get; init; }
}

public sealed record V1PersistentVolumeClaimSpec
{
    public IReadOnlyList<string>? AccessModes { get; init; }

    public V1ResourceRequirements? Resources { get; init; }

    public string? StorageClassName { get; init; }

    public string? VolumeMode { get; init; }

    public string? VolumeName { get; init; }
}

public sealed record V1PersistentVolumeClaimStatus
{
    public string? Phase { get; init; }

    public IReadOnlyList<string>? AccessModes { get; init; }

    /// <summary>What the volume really has, which follows what is requested when it has grown.</summary>
    public IReadOnlyDictionary<string, Quantity>? Capacity { get; init; }

    /// <summary>Such as <c>FileSystemResizePending</c>.</summary>
    public IReadOnlyList<V1PersistentVolumeClaimCondition>? Conditions { get; init; }
}

/// <summary>What is going on with a claim, such as its growing.</summary>
public sealed record V1PersistentVolumeClaimCondition
{
    public required string Type { get; init; }

    public required string Status { get; init; }

    public DateTimeOffset? LastTransitionTime { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }
}
