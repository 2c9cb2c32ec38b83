using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Deployments;

/// <summary>A Deployment as its controller reads it; the template stays as it was written.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "Deployment", PluralName = "deployments")]
public sealed record DeploymentDocument : IKubernetesObject<DeploymentDocument>
{
    public static JsonTypeInfo<DeploymentDocument> JsonTypeInfo => DocumentJson.Default.DeploymentDocument;

    public string ApiVersion { get; init; } = "apps/v1";

    public string Kind { get; init; } = "Deployment";

    public V1ObjectMeta Metadata { get; init; } = new();

    public DeploymentDocumentSpec Spec { get; init; } = new();

    public DeploymentDocumentStatus? Status { get; init; }
}

public sealed record DeploymentDocumentSpec
{
    public int? Replicas { get; init; }

    public V1LabelSelector Selector { get; init; } = new();

    public JsonObject Template { get; init; } = [];

    public DeploymentStrategy Strategy { get; init; } = new();

    public int? MinReadySeconds { get; init; }

    public int? RevisionHistoryLimit { get; init; }

    public bool? Paused { get; init; }

    public int? ProgressDeadlineSeconds { get; init; }
}

public sealed record DeploymentStrategy
{
    public string? Type { get; init; }

    public RollingUpdateDeployment? RollingUpdate { get; init; }
}

public sealed record RollingUpdateDeployment
{
    public IntOrString? MaxUnavailable { get; init; }

    public IntOrString? MaxSurge { get; init; }
}

public sealed record DeploymentDocumentStatus
{
    public long? ObservedGeneration { get; init; }

    public int? Replicas { get; init; }

    public int? UpdatedReplicas { get; init; }

    public int? ReadyReplicas { get; init; }

    public int? AvailableReplicas { get; init; }

    public int? UnavailableReplicas { get; init; }

    public int? CollisionCount { get; init; }

    public IReadOnlyList<DeploymentCondition>? Conditions { get; init; }
}

public sealed record DeploymentCondition
{
    public required string Type { get; init; }

    public required string Status { get; init; }

    public DateTimeOffset? LastUpdateTime { get; init; }

    public DateTimeOffset? LastTransitionTime { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }
}
