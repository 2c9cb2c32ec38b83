using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Kubernetes.Models;

/// <summary>A stable name, and unless headless a stable address, for a set of pods.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Service", PluralName = "services")]
public sealed record V1Service : IKubernetesObject<V1Service>
{
    public static JsonTypeInfo<V1Service> JsonTypeInfo => KubernetesJson.Default.V1Service;

    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    public string Kind { get; init => field = value ?? "Service"; } = "Service";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public V1ServiceSpec? Spec { get; init; }
}

public sealed record V1ServiceSpec
{
    public string? Type { get; init; }

    public string? ClusterIP { get; init; }

    public IReadOnlyList<string>? ClusterIPs { get; init; }

    public IReadOnlyList<string>? IpFamilies { get; init; }

    public string? IpFamilyPolicy { get; init; }

    public bool? PublishNotReadyAddresses { get; init; }

    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    public IReadOnlyList<V1ServicePort>? Ports { get; init; }

    public string? SessionAffinity { get; init; }

    /// <summary>Of type <c>ExternalName</c>: what its name stands for.</summary>
    public string? ExternalName { get; init; }
}

public sealed record V1ServicePort
{
    public string? Name { get; init; }

    public required int Port { get; init; }

    public IntOrString? TargetPort { get; init; }

    public int? NodePort { get; init; }

    public string? Protocol { get; init; }

    public string? AppProtocol { get; init; }
}

/// <summary>The addresses behind a Service.</summary>
[KubernetesEntity(Group = "discovery.k8s.io", ApiVersion = "v1", Kind = "EndpointSlice", PluralName = "endpointslices")]
public sealed record V1EndpointSlice : IKubernetesObject<V1EndpointSlice>
{
    public static JsonTypeInfo<V1EndpointSlice> JsonTypeInfo => KubernetesJson.Default.V1EndpointSlice;

    public string ApiVersion { get; init => field = value ?? "discovery.k8s.io/v1"; } = "discovery.k8s.io/v1";

    public string Kind { get; init => field = value ?? "EndpointSlice"; } = "EndpointSlice";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    public string AddressType { get; init => field = value ?? "IPv4"; } = "IPv4";

    public IReadOnlyList<V1Endpoint>? Endpoints { get; init; }

    public IReadOnlyList<V1EndpointPort>? Ports { get; init; }
}

public sealed record V1Endpoint
{
    public IReadOnlyList<string> Addresses { get; init => field = value ?? []; } = [];

    public V1EndpointConditions? Conditions { get; init; }

    public string? Hostname { get; init; }

    public string? NodeName { get; init; }

    public string? Zone { get; init; }

    public V1ObjectReference? TargetRef { get; init; }
}

public sealed record V1EndpointConditions
{
    public bool? Ready { get; init; }

    public bool? Serving { get; init; }

    public bool? Terminating { get; init; }
}

public sealed record V1EndpointPort
{
    public string? Name { get; init; }

    public int? Port { get; init; }

    public string? Protocol { get; init; }
}

/// <summary>Points at an object, or a part of one.</summary>
public sealed record V1ObjectReference
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("namespace")]
    public string? NamespaceProperty { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public string? FieldPath { get; init; }
}
