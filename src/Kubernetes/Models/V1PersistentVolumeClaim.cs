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

    public IReadOnlyDictionary<string, Quantity>? Capacity { get; init; }
}
