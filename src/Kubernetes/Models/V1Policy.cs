using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>How many of the selected pods may be evicted at a time.</summary>
[KubernetesEntity(Group = "policy", ApiVersion = "v1", Kind = "PodDisruptionBudget", PluralName = "poddisruptionbudgets")]
public sealed record V1PodDisruptionBudget : IKubernetesObject<V1PodDisruptionBudget>
{
    public static JsonTypeInfo<V1PodDisruptionBudget> JsonTypeInfo => KubernetesJson.Default.V1PodDisruptionBudget;

    public string ApiVersion { get; init => field = value ?? "policy/v1"; } = "policy/v1";

    public string Kind { get; init => field = value ?? "PodDisruptionBudget"; } = "PodDisruptionBudget";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public V1PodDisruptionBudgetSpec? Spec { get; init; }

    public V1PodDisruptionBudgetStatus? Status { get; init; }
}

public sealed record V1PodDisruptionBudgetSpec
{
    public IntOrString? MinAvailable { get; init; }

    public IntOrString? MaxUnavailable { get; init; }

    public V1LabelSelector? Selector { get; init; }

    public string? UnhealthyPodEvictionPolicy { get; init; }
}

public sealed record V1PodDisruptionBudgetStatus
{
    public long? ObservedGeneration { get; init; }

    public int CurrentHealthy { get; init; }

    public int DesiredHealthy { get; init; }

    public int DisruptionsAllowed { get; init; }

    public int ExpectedPods { get; init; }

    /// <summary>Pods whose eviction was allowed and that are not seen to leave yet, and since when.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? DisruptedPods { get; init; }

    public IReadOnlyList<V1Condition>? Conditions { get; init; }
}

/// <summary>Which traffic the selected pods accept.</summary>
[KubernetesEntity(Group = "networking.k8s.io", ApiVersion = "v1", Kind = "NetworkPolicy", PluralName = "networkpolicies")]
public sealed record V1NetworkPolicy : IKubernetesObject<V1NetworkPolicy>
{
    public static JsonTypeInfo<V1NetworkPolicy> JsonTypeInfo => KubernetesJson.Default.V1NetworkPolicy;

    public string ApiVersion { get; init => field = value ?? "networking.k8s.io/v1"; } = "networking.k8s.io/v1";

    public string Kind { get; init => field = value ?? "NetworkPolicy"; } = "NetworkPolicy";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public V1NetworkPolicySpec? Spec { get; init; }
}

public sealed record V1NetworkPolicySpec
{
    public V1LabelSelector PodSelector { get; init => field = value ?? new(); } = new();

    public IReadOnlyList<string>? PolicyTypes { get; init; }

    public IReadOnlyList<V1NetworkPolicyIngressRule>? Ingress { get; init; }
}

public sealed record V1NetworkPolicyIngressRule
{
    [JsonPropertyName("from")]
    public IReadOnlyList<V1NetworkPolicyPeer>? FromProperty { get; init; }

    public IReadOnlyList<V1NetworkPolicyPort>? Ports { get; init; }
}

public sealed record V1NetworkPolicyPeer
{
    public V1LabelSelector? PodSelector { get; init; }

    public V1LabelSelector? NamespaceSelector { get; init; }
}

public sealed record V1NetworkPolicyPort
{
    public IntOrString? Port { get; init; }

    public int? EndPort { get; init; }

    public string? Protocol { get; init; }
}
