using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>A name for a pod's importance.</summary>
[KubernetesEntity(Group = "scheduling.k8s.io", ApiVersion = "v1", Kind = "PriorityClass", PluralName = "priorityclasses", Namespaced = false)]
public sealed record PriorityClassDocument : IKubernetesObject<PriorityClassDocument>
{
    public static JsonTypeInfo<PriorityClassDocument> JsonTypeInfo => DocumentJson.Default.PriorityClassDocument;

    /// <summary>Those that every cluster has.</summary>
    public static IReadOnlyList<PriorityClassDocument> Standard { get; } =
    [
        new()
        {
            Metadata = new V1ObjectMeta { Name = "system-node-critical" },
            Value = 2_000_001_000,
            Description = "Used for system critical pods that must not be moved from their current node.",
        },
        new()
        {
            Metadata = new V1ObjectMeta { Name = "system-cluster-critical" },
            Value = 2_000_000_000,
            Description = "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
        },
    ];

    public string ApiVersion { get; init; } = "scheduling.k8s.io/v1";

    public string Kind { get; init; } = "PriorityClass";

    public V1ObjectMeta Metadata { get; init; } = new();

    public int Value { get; init; }

    public string? Description { get; init; }
}
