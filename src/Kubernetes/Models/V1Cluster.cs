using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>A scope for names.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Namespace", PluralName = "namespaces", Namespaced = false)]
public sealed record V1Namespace : IKubernetesObject<V1Namespace>
{
    public static JsonTypeInfo<V1Namespace> JsonTypeInfo => KubernetesJson.Default.V1Namespace;

    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    public string Kind { get; init => field = value ?? "Namespace"; } = "Namespace";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public V1NamespaceStatus? Status { get; init; }
}

public sealed record V1NamespaceStatus
{
    public string? Phase { get; init; }
}

/// <summary>A machine of the cluster; called a host in this project, because a Redis node is something else.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Node", PluralName = "nodes", Namespaced = false)]
public sealed record V1Node : IKubernetesObject<V1Node>
{
    public static JsonTypeInfo<V1Node> JsonTypeInfo => KubernetesJson.Default.V1Node;

    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    public string Kind { get; init => field = value ?? "Node"; } = "Node";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public V1NodeSpec? Spec { get; init; }

    public V1NodeStatus? Status { get; init; }
}

public sealed record V1NodeSpec
{
    public string? PodCIDR { get; init; }

    [JsonPropertyName("podCIDRs")]
    public IReadOnlyList<string>? PodCIDRs { get; init; }

    public bool? Unschedulable { get; init; }

    public IReadOnlyList<V1Taint>? Taints { get; init; }
}

public sealed record V1Taint
{
    public required string Key { get; init; }

    public string? Value { get; init; }

    public required string Effect { get; init; }

    public DateTimeOffset? TimeAdded { get; init; }
}

public sealed record V1NodeStatus
{
    public IReadOnlyList<V1NodeCondition>? Conditions { get; init; }

    public IReadOnlyList<V1NodeAddress>? Addresses { get; init; }

    public IReadOnlyDictionary<string, Quantity>? Capacity { get; init; }

    public IReadOnlyDictionary<string, Quantity>? Allocatable { get; init; }

    public V1NodeSystemInfo? NodeInfo { get; init; }
}

public sealed record V1NodeCondition
{
    public required string Type { get; init; }

    public required string Status { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset? LastHeartbeatTime { get; init; }

    public DateTimeOffset? LastTransitionTime { get; init; }
}

public sealed record V1NodeAddress
{
    public required string Type { get; init; }

    public required string Address { get; init; }
}

public sealed record V1NodeSystemInfo
{
    public string? MachineID { get; init; }

    public string? KernelVersion { get; init; }

    public string? OsImage { get; init; }

    public string? ContainerRuntimeVersion { get; init; }

    public string? KubeletVersion { get; init; }

    public string? OperatingSystem { get; init; }

    public string? Architecture { get; init; }
}
