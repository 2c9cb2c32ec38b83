using System.Text.Json;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Endpoints;

/// <summary>Keeps the EndpointSlices of every Service with a selector, and the older Endpoints that kubectl before 1.31 shows.</summary>
/// <remarks>Nothing listens on a Service's cluster IP: there is no kube-proxy. Clients go to the pods.</remarks>
public sealed class EndpointSliceController(IKubernetesApi api, IObjectCache<V1Service> services, IObjectCache<V1Pod> pods, IObjectCache<V1EndpointSlice> slices, IObjectCache<EndpointsDocument> lists, IObjectCache<V1Node> nodes) : IEntityController<V1Service>
{
    const string Manager = "endpointslice-controller";

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (services.Get(key) is not { } service || service.Metadata.DeletionTimestamp is not null)
        {
            return default;
        }

        // whose endpoints somebody else writes, or nobody; what is there stays
        if (service.Spec?.Selector is not { Count: > 0 } || service.Spec.Type == "ExternalName")
        {
            return default;
        }

        var wanted = BuildEndpointSlices.Of(service, [.. pods.List().Where(pod => pod.Metadata.NamespaceProperty == key.Namespace)], ZoneOf);
        foreach (var slice in wanted.Where(slice => !IsShown(slice)))
        {
            await api.ApplyAsync(slice, new ApplyOptions { FieldManager = Manager }, cancellationToken);
        }

        var list = EndpointsDocument.Of(service, wanted);
        if (wanted.Count > 0 && (lists.Get(key) is not { } shown || Text(shown) != Text(list)))
        {
            await api.ApplyAsync(list, new ApplyOptions { FieldManager = Manager }, cancellationToken);
        }

        var names = wanted.Select(slice => slice.Metadata.Name).ToHashSet();
        foreach (var slice in slices.List().Where(slice => IsOurs(slice, key) && !names.Contains(slice.Metadata.Name)))
        {
            await api.DeleteAsync<V1EndpointSlice>(key.Namespace, slice.Metadata.Name!, new DeleteOptions { PreconditionUid = slice.Metadata.Uid }, cancellationToken);
        }

        return default;
    }

    string? ZoneOf(string node) => nodes.Get(new NamespacedName("", node))?.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/zone");

    static bool IsOurs(V1EndpointSlice slice, NamespacedName service) =>
        slice.Metadata.NamespaceProperty == service.Namespace
        && slice.Metadata.Labels?.GetValueOrDefault(BuildEndpointSlices.ServiceLabel) == service.Name
        && slice.Metadata.Labels.GetValueOrDefault(BuildEndpointSlices.ManagedByLabel) == BuildEndpointSlices.ManagedBy;

    bool IsShown(V1EndpointSlice slice) => slices.Get(NamespacedName.Of(slice)) is { } there && Text(there) == Text(slice);

    static string Text(EndpointsDocument list) => JsonSerializer.Serialize(new EndpointsDocument { Subsets = list.Subsets ?? [] }, EndpointsDocument.JsonTypeInfo);

    static string Text(V1EndpointSlice slice) => JsonSerializer.Serialize(
        new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                Labels = new SortedDictionary<string, string>((slice.Metadata.Labels ?? new Dictionary<string, string>()).ToDictionary(pair => pair.Key, pair => pair.Value), StringComparer.Ordinal),
            },
            AddressType = slice.AddressType,
            Endpoints = slice.Endpoints ?? [],
            Ports = slice.Ports ?? [],
        },
        V1EndpointSlice.JsonTypeInfo);
}
