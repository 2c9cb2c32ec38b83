using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.ReplicaSets;

/// <summary>A ReplicaSet as controllers read it; the template stays as it was written, for a typed one would lose what its model does not know.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "ReplicaSet", PluralName = "replicasets")]
public sealed record ReplicaSetDocument : IKubernetesObject<ReplicaSetDocument>
{
    public static JsonTypeInfo<ReplicaSetDocument> JsonTypeInfo => DocumentJson.Default.ReplicaSetDocument;

    public string ApiVersion { get; init; } = "apps/v1";

    public string Kind { get; init; } = "ReplicaSet";

    public V1ObjectMeta Metadata { get; init; } = new();

    public ReplicaSetDocumentSpec Spec { get; init; } = new();

    public ReplicaSetDocumentStatus? Status { get; init; }
}

public sealed record ReplicaSetDocumentSpec
{
    public int? Replicas { get; init; }

    public int? MinReadySeconds { get; init; }

    public V1LabelSelector Selector { get; init; } = new();

    public JsonObject Template { get; init; } = [];
}

public sealed record ReplicaSetDocumentStatus
{
    public int Replicas { get; init; }

    public int? FullyLabeledReplicas { get; init; }

    public int? ReadyReplicas { get; init; }

    public int? AvailableReplicas { get; init; }

    public long? ObservedGeneration { get; init; }

    public IReadOnlyList<V1Condition>? Conditions { get; init; }
}
