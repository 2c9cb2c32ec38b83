using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Endpoints;

/// <summary>The addresses behind a Service in the older form, which EndpointSlices replace.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Endpoints", PluralName = "endpoints")]
public sealed record EndpointsDocument : IKubernetesObject<EndpointsDocument>
{
    public static JsonTypeInfo<EndpointsDocument> JsonTypeInfo => DocumentJson.Default.EndpointsDocument;

    public string ApiVersion { get; init; } = "v1";

    public string Kind { get; init; } = "Endpoints";

    public V1ObjectMeta Metadata { get; init; } = new();

    public IReadOnlyList<EndpointsSubset>? Subsets { get; init; }

    /// <summary>The same as the slices of a Service say. Pure.</summary>
    public static EndpointsDocument Of(V1Service service, IReadOnlyList<V1EndpointSlice> slices)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(slices);
        return new EndpointsDocument
        {
            Metadata = new V1ObjectMeta
            {
                Name = service.Metadata.Name,
                NamespaceProperty = service.Metadata.NamespaceProperty,
                OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "Service", Name = service.Metadata.Name!, Uid = service.Metadata.Uid! }],
            },
            Subsets = [.. slices.Where(slice => slice.Endpoints is { Count: > 0 }).Select(slice => new EndpointsSubset
            {
                Addresses = Addresses(slice, ready: true),
                NotReadyAddresses = Addresses(slice, ready: false),
                Ports = [.. (slice.Ports ?? []).Select(port => port with { Name = port.Name is { Length: > 0 } name ? name : null })],
            })],
        };
    }

    static List<EndpointsAddress>? Addresses(V1EndpointSlice slice, bool ready)
    {
        var addresses = slice.Endpoints!.Where(endpoint => (endpoint.Conditions?.Ready == true) == ready)
            .Select(endpoint => new EndpointsAddress { Ip = endpoint.Addresses[0], Hostname = endpoint.Hostname, NodeName = endpoint.NodeName, TargetRef = endpoint.TargetRef })
            .ToList();
        return addresses.Count == 0 ? null : addresses;
    }
}

public sealed record EndpointsSubset
{
    public IReadOnlyList<EndpointsAddress>? Addresses { get; init; }

    public IReadOnlyList<EndpointsAddress>? NotReadyAddresses { get; init; }

    public IReadOnlyList<V1EndpointPort>? Ports { get; init; }
}

public sealed record EndpointsAddress
{
    public required string Ip { get; init; }

    public string? Hostname { get; init; }

    public string? NodeName { get; init; }

    public V1ObjectReference? TargetRef { get; init; }
}
