using System.Globalization;
using System.Text;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Network.Services;

/// <summary>The rules by which Services' addresses lead to their endpoints, as a script of nftables that replaces all earlier ones in one step. Pure.</summary>
/// <remarks>
/// As kube-proxy does it: a ready endpoint by lot, or always the same one for a client if the Service says so; while none is ready those that are still
/// serving on their way out; none at all refuses at once. A pod that reaches itself by its Service gets the switch's address as the other side.
/// </remarks>
public static class BuildServiceRules
{
    const string Table = "ip services";

    public static string Of(IEnumerable<V1Service> services, IEnumerable<V1EndpointSlice> slices)
    {
        ArgumentNullException.ThrowIfNull(services);
        var byService = slices.Where(slice => slice.AddressType == "IPv4").ToLookup(slice =>
            new NamespacedName(slice.Metadata.NamespaceProperty ?? "", slice.Metadata.Labels?.GetValueOrDefault("kubernetes.io/service-name") ?? ""));
        var ports = new List<(string Key, string Protocol, bool Sticky, IReadOnlyList<string> Targets)>();
        foreach (var service in services.Where(HasAddress).OrderBy(service => NamespacedName.Of(service)))
        {
            foreach (var port in service.Spec!.Ports ?? [])
            {
                var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
                var number = port.Port.ToString(CultureInfo.InvariantCulture);
                ports.Add(($"{service.Spec.ClusterIP} . {protocol} . {number}", protocol, service.Spec.SessionAffinity == "ClientIP", TargetsOf(port, byService[NamespacedName.Of(service)])));
            }
        }

        return Write(ports);
    }

    static bool HasAddress(V1Service service) =>
        service.Spec is { ClusterIP: { } address } && System.Net.IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;

    static List<string> TargetsOf(V1ServicePort port, IEnumerable<V1EndpointSlice> slices)
    {
        var (ready, serving) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var slice in slices)
        {
            var number = slice.Ports?.FirstOrDefault(one => (one.Name ?? "") == (port.Name ?? "") && (one.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.Port;
            foreach (var endpoint in number is null ? [] : slice.Endpoints ?? [])
            {
                var target = string.Create(CultureInfo.InvariantCulture, $"{endpoint.Addresses[0]} . {number}");
                if (endpoint.Conditions?.Ready != false)
                {
                    ready.Add(target);
                }
                else if (endpoint.Conditions is { Serving: true, Terminating: true })
                {
                    serving.Add(target);
                }
            }
        }

        return [.. ready.Count > 0 ? ready : serving];
    }

    static string Write(List<(string Key, string Protocol, bool Sticky, IReadOnlyList<string> Targets)> ports)
    {
        var served = ports.Where(port => port.Targets.Count > 0).ToList();
        var script = new StringBuilder();
        script.AppendLine(CultureInfo.InvariantCulture, $"table {Table}\ndelete table {Table}\ntable {Table} {{");
        for (var i = 0; i < served.Count; i++)
        {
            var (_, protocol, sticky, targets) = served[i];
            var lot = sticky ? "jhash ip saddr" : "numgen random";
            var map = string.Join(", ", targets.Select((target, index) => string.Create(CultureInfo.InvariantCulture, $"{index} : {target}")));
            script.AppendLine(CultureInfo.InvariantCulture, $"  chain port_{i} {{\n    meta l4proto {protocol} dnat ip addr . port to {lot} mod {targets.Count} map {{ {map} }}\n  }}");
        }

        Collection("map ports", "ipv4_addr . inet_proto . inet_service : verdict", served.Select((port, index) => string.Create(CultureInfo.InvariantCulture, $"{port.Key} : goto port_{index}")));
        Collection("set without_endpoints", "ipv4_addr . inet_proto . inet_service", ports.Where(port => port.Targets.Count == 0).Select(port => port.Key));
        var addresses = served.SelectMany(port => port.Targets).Select(target => target.Split(' ')[0]).Distinct();
        Collection("set hairpin", "ipv4_addr . ipv4_addr", addresses.Select(address => $"{address} . {address}"));
        script.AppendLine("""
              chain refuse {
                type filter hook prerouting priority -150; policy accept;
                ip daddr . meta l4proto . th dport @without_endpoints reject
              }
              chain prerouting {
                type nat hook prerouting priority -100; policy accept;
                ip daddr . meta l4proto . th dport vmap @ports
              }
              chain postrouting {
                type nat hook postrouting priority 100; policy accept;
                ip saddr . ip daddr @hairpin masquerade
              }
            }
            """);
        return script.ToString();

        void Collection(string name, string type, IEnumerable<string> elements)
        {
            var all = string.Join(", ", elements.Distinct());
            script.AppendLine(CultureInfo.InvariantCulture, $"  {name} {{\n    type {type}{(all.Length == 0 ? "" : $"\n    elements = {{ {all} }}")}\n  }}");
        }
    }
}
