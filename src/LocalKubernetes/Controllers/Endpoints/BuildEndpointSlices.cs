using System.Security.Cryptography;
using System.Text;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Endpoints;

/// <summary>The addresses behind a Service. Pure; the rules are those of Kubernetes' endpointslice controller.</summary>
public static class BuildEndpointSlices
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string ManagedBy = "endpointslice-controller.k8s.io";

    const int MostEndpoints = 100;

    /// <param name="service">Has a selector.</param>
    /// <param name="pods">The pods of its namespace.</param>
    /// <param name="zoneOf">The zone of a host; null where there are none.</param>
    public static IReadOnlyList<V1EndpointSlice> Of(V1Service service, IReadOnlyList<V1Pod> pods, Func<string, string?>? zoneOf = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(pods);
        if (service.Spec?.Selector is not { Count: > 0 } selector)
        {
            return [];
        }

        // named target ports may mean another number in another pod: such pods get a slice of their own
        var groups = pods
            .Where(pod => pod.Status?.PodIP is { Length: > 0 } && pod.Status.Phase is not ("Succeeded" or "Failed") && Labels.Match(selector, pod.Metadata.Labels))
            .OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
            .GroupBy(pod => string.Join(',', PortsOf(service, pod).Select(port => port.Port)))
            .SelectMany(group => group.Chunk(MostEndpoints))
            .ToList();
        return groups.Count == 0 ? [Slice(service, 0, [], [])] : [.. groups.Select((group, i) => Slice(service, i, PortsOf(service, group[0]), [.. group.Select(pod => EndpointOf(service, pod, zoneOf))]))];
    }

    static V1EndpointSlice Slice(V1Service service, int number, IReadOnlyList<V1EndpointPort> ports, IReadOnlyList<V1Endpoint> endpoints)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{service.Metadata.Uid}/{number}")))[..5];
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { [ServiceLabel] = service.Metadata.Name!, [ManagedByLabel] = ManagedBy };
        foreach (var (key, value) in service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            labels.TryAdd(key, value);
        }

        if (service.Spec?.ClusterIP == "None")
        {
            labels["service.kubernetes.io/headless"] = "";
        }

        return new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{service.Metadata.Name}-{hash}",
                NamespaceProperty = service.Metadata.NamespaceProperty,
                Labels = labels,
                OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "Service", Name = service.Metadata.Name!, Uid = service.Metadata.Uid!, Controller = true, BlockOwnerDeletion = true }],
            },
            AddressType = "IPv4",
            Endpoints = endpoints,
            Ports = ports,
        };
    }

    static V1Endpoint EndpointOf(V1Service service, V1Pod pod, Func<string, string?>? zoneOf)
    {
        var ready = pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        return new V1Endpoint
        {
            Addresses = [pod.Status!.PodIP!],
            Conditions = new V1EndpointConditions
            {
                Ready = service.Spec?.PublishNotReadyAddresses == true || (ready && !terminating),
                Serving = ready,
                Terminating = terminating,
            },
            Hostname = pod.Spec?.Hostname is { Length: > 0 } hostname && pod.Spec.Subdomain == service.Metadata.Name ? hostname : null,
            NodeName = pod.Spec?.NodeName,
            Zone = pod.Spec?.NodeName is { } node ? zoneOf?.Invoke(node) : null,
            TargetRef = new V1ObjectReference { Kind = "Pod", NamespaceProperty = pod.Metadata.NamespaceProperty, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
        };
    }

    static IReadOnlyList<V1EndpointPort> PortsOf(V1Service service, V1Pod pod) =>
        [.. (service.Spec?.Ports ?? [])
            .Select(port => new V1EndpointPort { Name = port.Name ?? "", Protocol = port.Protocol ?? "TCP", Port = NumberOf(port, pod) })
            .Where(port => port.Port is not null)];

    static int? NumberOf(V1ServicePort port, V1Pod pod) => port.TargetPort switch
    {
        null => port.Port,
        { IsNumber: true } target => (int)target.Number,
        { } target => (pod.Spec?.Containers ?? []).SelectMany(container => container.Ports ?? [])
            .FirstOrDefault(candidate => candidate.Name == target.ToString() && (candidate.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.ContainerPort,
    };
}
