using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>Pods with stable names and claims of their own.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "StatefulSet", PluralName = "statefulsets")]
public sealed record V1StatefulSet : IKubernetesObject<V1StatefulSet>
{
    public static JsonTypeInfo<V1StatefulSet> JsonTypeInfo => KubernetesJson.Default.V1StatefulSet;

    public string ApiVersion { get; init => field = value ?? "apps/v1"; } = "apps/v1";

    public string Kind { get; init => field = value ?? "StatefulSet"; } = "StatefulSet";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public V1StatefulSetSpec? Spec { get; init; }

    public V1StatefulSetStatus? Status { get; init; }
}

public sealed record V1StatefulSetSpec
{
    public int? Replicas { get; init; }

    public required string ServiceName { get; init; }

    public string? PodManagementPolicy { get; init; }

    public int? MinReadySeconds { get; init; }

    public int? RevisionHistoryLimit { get; init; }

    public V1StatefulSetUpdateStrategy? UpdateStrategy { get; init; }

    public V1StatefulSetPersistentVolumeClaimRetentionPolicy? PersistentVolumeClaimRetentionPolicy { get; init; }

    public required V1LabelSelector Selector { get; init; }

    public required V1PodTemplateSpec Template { get; init; }

    public IReadOnlyList<V1PersistentVolumeClaim>? VolumeClaimTemplates { get; init; }
}

public sealed record V1StatefulSetUpdateStrategy
{
    public string? Type { get; init; }
}

public sealed record V1StatefulSetPersistentVolumeClaimRetentionPolicy
{
    public string? WhenDeleted { get; init; }

    public string? WhenScaled { get; init; }
}

public sealed record V1StatefulSetStatus
{
    public long? ObservedGeneration { get; init; }

    public int Replicas { get; init; }

    public int? ReadyReplicas { get; init; }

    public int? CurrentReplicas { get; init; }

    public int? UpdatedReplicas { get; init; }

    public int? AvailableReplicas { get; init; }

    public string? CurrentRevision { get; init; }

    public string? UpdateRevision { get; init; }

    public int? CollisionCount { get; init; }
}
