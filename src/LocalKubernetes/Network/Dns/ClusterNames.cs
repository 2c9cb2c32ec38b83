using System.Net;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Network.Dns;

/// <summary>
/// The names of Services and of what stands behind them, as CoreDNS' plugin <c>kubernetes</c> gives them (Kubernetes' DNS-based service discovery,
/// version 1.1.0). Names of the world outside do not exist: pods cannot reach it.
/// </summary>
public sealed class ClusterNames(IObjectCache<V1Service> services, IObjectCache<V1EndpointSlice> slices, IObjectCache<V1Namespace> namespaces)
{
    public const string Zone = "cluster.local";

    const string ServiceLabel = "kubernetes.io/service-name";

    /// <summary>As kubeadm's Corefile has it.</summary>
    const int Seconds = 30;

    public DnsAnswer Answer(string name, DnsType type)
    {
        ArgumentNullException.ThrowIfNull(name);
        var lower = name.ToLowerInvariant().TrimEnd('.');
        if (lower.EndsWith(".in-addr.arpa", StringComparison.Ordinal))
        {
            return Finish(lower, type, [.. Pointers(lower)], exists: false);
        }

        if (lower != Zone && !lower.EndsWith($".{Zone}", StringComparison.Ordinal))
        {
            return new DnsAnswer(DnsCode.NoSuchName, [], [], []);
        }

        var labels = lower.Split('.')[..^2];
        return labels switch
        {
            [] or ["svc"] or ["pod"] => Finish(lower, type, [], exists: true),
            [var ns, "svc" or "pod"] => Finish(lower, type, [], namespaces.Get(new NamespacedName("", ns)) is not null),
            [var address, var ns, "pod"] => Finish(lower, type, [.. OfPod(lower, address, ns)], exists: false),
            [.. var rest, var service, var ns, "svc"] => OfService(lower, type, new NamespacedName(ns, service), rest),
            _ => Finish(lower, type, [], exists: false),
        };
    }

    DnsAnswer OfService(string name, DnsType type, NamespacedName key, string[] rest)
    {
        if (services.Get(key) is not { Spec: { } spec } service)
        {
            return Finish(name, type, [], exists: false);
        }

        var (port, protocol, endpoint) = rest switch
        {
            [] => (null, null, null),
            [['_', .. var of], ['_', .. var over]] => (of, over, null),
            [var host] => (null, null, host),
            _ => ("", "", ""),
        };
        if (port is "")
        {
            return Finish(name, type, [], exists: false);
        }

        if (spec.Type == "ExternalName")
        {
            return spec.ExternalName is { Length: > 0 } target && rest.Length == 0 ? new DnsAnswer(DnsCode.Ok, [DnsRecord.Alias(name, target, Seconds)], [], []) : Finish(name, type, [], exists: false);
        }

        var targets = spec.ClusterIP is "None" or null || endpoint is not null
            ? TargetsOf(service).Where(target => endpoint is null || target.Host == endpoint).ToList()
            : IPAddress.TryParse(spec.ClusterIP, out var address)
                ? [.. (spec.Ports ?? []).Select(one => new Target("", address, one.Name ?? "", one.Protocol ?? "TCP", one.Port))]
                : [];
        targets = [.. targets.Where(target => port is null || (target.PortName == port && string.Equals(target.Protocol, protocol, StringComparison.OrdinalIgnoreCase)))];
        var records = new List<DnsRecord>();
        var additional = new List<DnsRecord>();
        if (type is DnsType.A or DnsType.Any)
        {
            records.AddRange(targets.Select(target => target.Address).Distinct().Select(found => DnsRecord.Address(name, found, Seconds)));
        }

        if (type is DnsType.Service or DnsType.Any)
        {
            var parent = $"{key.Name}.{key.Namespace}.svc.{Zone}";
            var named = targets.Select(target => (Target: target, Name: target.Host.Length == 0 ? parent : $"{target.Host}.{parent}")).ToList();
            records.AddRange(named.Where(one => one.Target.Port > 0).Select(one => DnsRecord.Service(name, Math.Max(1, 100 / named.Count), one.Target.Port, one.Name, Seconds)));
            additional.AddRange(named.DistinctBy(one => one.Name).Select(one => DnsRecord.Address(one.Name, one.Target.Address, Seconds)));
        }

        return Finish(name, type, records, targets.Count > 0) with { Additional = additional };
    }

    /// <summary>What is behind a Service, one for each address and port; the controller has marked as ready what shall be published though it is not.</summary>
    IEnumerable<Target> TargetsOf(V1Service service) =>
        from slice in slices.List()
        where slice.Metadata.NamespaceProperty == service.Metadata.NamespaceProperty && slice.Metadata.Labels?.GetValueOrDefault(ServiceLabel) == service.Metadata.Name
        from endpoint in slice.Endpoints ?? []
        where endpoint.Conditions?.Ready != false
        from text in endpoint.Addresses
        let address = IPAddress.TryParse(text, out var parsed) ? parsed : null
        where address is not null
        from port in slice.Ports is { Count: > 0 } ports ? ports : [new V1EndpointPort()]
        select new Target(endpoint.Hostname ?? Dashed(address), address, port.Name ?? "", port.Protocol ?? "TCP", port.Port ?? 0);

    IEnumerable<DnsRecord> OfPod(string name, string dashed, string ns)
    {
        if (namespaces.Get(new NamespacedName("", ns)) is not null && IPAddress.TryParse(dashed.Replace('-', '.'), out var address))
        {
            yield return DnsRecord.Address(name, address, Seconds);
        }
    }

    IEnumerable<DnsRecord> Pointers(string name)
    {
        var octets = name.Split('.')[..^2];
        if (octets.Length != 4 || !IPAddress.TryParse(string.Join('.', octets.Reverse()), out var address))
        {
            yield break;
        }

        foreach (var service in services.List())
        {
            var full = $"{service.Metadata.Name}.{service.Metadata.NamespaceProperty}.svc.{Zone}";
            if (service.Spec?.ClusterIP == address.ToString())
            {
                yield return DnsRecord.Pointer(name, full, Seconds);
            }
            else if (TargetsOf(service).FirstOrDefault(target => target.Address.Equals(address)) is { } target)
            {
                yield return DnsRecord.Pointer(name, $"{target.Host}.{full}", Seconds);
            }
        }
    }

    /// <summary>Without records of the type asked for, a name that exists is told from one that does not.</summary>
    static DnsAnswer Finish(string name, DnsType type, List<DnsRecord> found, bool exists)
    {
        var fitting = found.Where(record => record.Type == type || type == DnsType.Any).ToList();
        return fitting.Count > 0
            ? new DnsAnswer(DnsCode.Ok, fitting, [], [])
            : new DnsAnswer(
                exists || found.Count > 0 ? DnsCode.Ok : DnsCode.NoSuchName,
                [],
                [DnsRecord.Start(name.EndsWith(Zone, StringComparison.Ordinal) ? Zone : "in-addr.arpa", Seconds)],
                []);
    }

    static string Dashed(IPAddress address) => address.ToString().Replace('.', '-');

    sealed record Target(string Host, IPAddress Address, string PortName, string Protocol, int Port);
}
