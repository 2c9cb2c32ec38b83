using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Access;

[KubernetesEntity(Group = "rbac.authorization.k8s.io", ApiVersion = "v1", Kind = "ClusterRole", PluralName = "clusterroles", Namespaced = false)]
public sealed record ClusterRoleDocument : IKubernetesObject<ClusterRoleDocument>
{
    public static JsonTypeInfo<ClusterRoleDocument> JsonTypeInfo => DocumentJson.Default.ClusterRoleDocument;

    public string ApiVersion { get; init; } = "rbac.authorization.k8s.io/v1";

    public string Kind { get; init; } = "ClusterRole";

    public V1ObjectMeta Metadata { get; init; } = new();

    /// <summary>As they are: only moved from one role to another.</summary>
    public JsonArray? Rules { get; init; }

    public AggregationRule? AggregationRule { get; init; }
}

/// <summary>Whose rules a role is made of.</summary>
public sealed record AggregationRule
{
    public IReadOnlyList<V1LabelSelector>? ClusterRoleSelectors { get; init; }
}
