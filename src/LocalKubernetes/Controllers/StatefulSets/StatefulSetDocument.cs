using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.StatefulSets;

/// <summary>
/// A StatefulSet as its controller reads it: templates stay as they were written, because a pod stamped from a typed model
/// would lose every field that the model does not know.
/// </summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "StatefulSet", PluralName = "statefulsets")]
public sealed record StatefulSetDocument : IKubernetesObject<StatefulSetDocument>
{
    public static JsonTypeInfo<StatefulSetDocument> JsonTypeInfo => DocumentJson.Default.StatefulSetDocument;

    public string ApiVersion { get; init; } = "apps/v1";

    public string Kind { get; init; } = "StatefulSet";

    public V1ObjectMeta Metadata { get; init; } = new();

    public StatefulSetDocumentSpec Spec { get; init; } = new();

    public V1StatefulSetStatus? Status { get; init; }
}

public sealed record StatefulSetDocumentSpec
{
    public int? Replicas { get; init; }

    public StatefulSetOrdinals? Ordinals { get; init; }

    public string? ServiceName { get; init; }

    public string? PodManagementPolicy { get; init; }

    public int? MinReadySeconds { get; init; }

    public int? RevisionHistoryLimit { get; init; }

    public StatefulSetStrategy? UpdateStrategy { get; init; }

    public V1StatefulSetPersistentVolumeClaimRetentionPolicy? PersistentVolumeClaimRetentionPolicy { get; init; }

    public V1LabelSelector Selector { get; init; } = new();

    public JsonObject Template { get; init; } = [];

    public IReadOnlyList<JsonObject>? VolumeClaimTemplates { get; init; }
}

public sealed record StatefulSetOrdinals
{
    public int? Start { get; init; }
}

public sealed record StatefulSetStrategy
{
    public string? Type { get; init; }

    public StatefulSetRollingUpdate? RollingUpdate { get; init; }
}

public sealed record StatefulSetRollingUpdate
{
    public int? Partition { get; init; }
}

/// <summary>A pod as it is created from a template.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed record PodDocument : IKubernetesObject<PodDocument>
{
    public static JsonTypeInfo<PodDocument> JsonTypeInfo => DocumentJson.Default.PodDocument;

    public string ApiVersion { get; init; } = "v1";

    public string Kind { get; init; } = "Pod";

    public V1ObjectMeta Metadata { get; init; } = new();

    public JsonObject Spec { get; init; } = [];
}

/// <summary>A claim as it is created from a template.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "PersistentVolumeClaim", PluralName = "persistentvolumeclaims")]
public sealed record ClaimDocument : IKubernetesObject<ClaimDocument>
{
    public static JsonTypeInfo<ClaimDocument> JsonTypeInfo => DocumentJson.Default.ClaimDocument;

    public string ApiVersion { get; init; } = "v1";

    public string Kind { get; init; } = "PersistentVolumeClaim";

    public V1ObjectMeta Metadata { get; init; } = new();

    public JsonObject Spec { get; init; } = [];
}

/// <summary>A template that a StatefulSet has or had.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "ControllerRevision", PluralName = "controllerrevisions")]
public sealed record ControllerRevisionDocument : IKubernetesObject<ControllerRevisionDocument>
{
    public static JsonTypeInfo<ControllerRevisionDocument> JsonTypeInfo => DocumentJson.Default.ControllerRevisionDocument;

    public string ApiVersion { get; init; } = "apps/v1";

    public string Kind { get; init; } = "ControllerRevision";

    public V1ObjectMeta Metadata { get; init; } = new();

    public JsonObject? Data { get; init; }

    /// <summary>The higher the newer.</summary>
    public long Revision { get; init; }
}
