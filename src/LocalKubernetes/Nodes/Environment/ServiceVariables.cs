using System.Globalization;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Environment;

/// <summary>Where Services are, as variables of the environment: <c>kubernetes</c> for every pod, those of its namespace unless it declines. See <c>pkg/kubelet/envvars</c>.</summary>
public static class ServiceVariables
{
    /// <param name="pod">Whose environment it is.</param>
    /// <param name="services">All of the cluster.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(V1Pod pod, IEnumerable<V1Service> services)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var visible = services.Where(service => service.Spec is { ClusterIP: { Length: > 0 } and not "None", Ports.Count: > 0 } && IsVisible(service, pod));
        // The pod's own namespace comes last and wins.
        return visible.OrderBy(service => service.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty).SelectMany(Of);
    }

    static bool IsVisible(V1Service service, V1Pod pod) =>
        service.Metadata is { Name: "kubernetes", NamespaceProperty: "default" }
        || (service.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty && pod.Spec?.EnableServiceLinks != false);

    static IEnumerable<KeyValuePair<string, string>> Of(V1Service service)
    {
        var name = NameOf(service.Metadata.Name ?? "");
        var address = service.Spec!.ClusterIP!;
        var ports = service.Spec.Ports!;
        yield return new($"{name}_SERVICE_HOST", address);
        yield return new($"{name}_SERVICE_PORT", Text(ports[0].Port));
        foreach (var port in ports)
        {
            if (port.Name is { Length: > 0 } portName)
            {
                yield return new($"{name}_SERVICE_PORT_{NameOf(portName)}", Text(port.Port));
            }
        }

        // The links of Docker, which some programs still read.
        yield return new($"{name}_PORT", Url(ports[0]));
        foreach (var port in ports)
        {
            var protocol = port.Protocol ?? "TCP";
            var prefix = $"{name}_PORT_{Text(port.Port)}_{protocol.ToUpperInvariant()}";
            yield return new(prefix, Url(port));
            yield return new($"{prefix}_PROTO", protocol.ToLowerInvariant());
            yield return new($"{prefix}_PORT", Text(port.Port));
            yield return new($"{prefix}_ADDR", address);
        }

        string Url(V1ServicePort port) => $"{(port.Protocol ?? "TCP").ToLowerInvariant()}://{address}:{Text(port.Port)}";
    }

    static string NameOf(string name) => name.ToUpperInvariant().Replace('-', '_');

    static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
