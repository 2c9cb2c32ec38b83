using System.Net;
using System.Text;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Network.Dns;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>How a pod's containers look up names: /etc/hosts and /etc/resolv.conf as the kubelet writes them. Pure.</summary>
static class BuildNameFiles
{
    public static string Hosts(V1Pod pod, IPAddress address)
    {
        var text = new StringBuilder();
        text.Append("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
        var hostname = BuildContainerSpec.ShortNameOf(pod);
        text.Append(pod.Spec?.Subdomain is { Length: > 0 } ? $"{address}\t{FullNameOf(pod, hostname)}\t{hostname}\n" : $"{address}\t{hostname}\n");
        if (pod.Spec?.HostAliases is { Count: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases)
            {
                text.Append($"{alias.Ip}\t{string.Join('\t', alias.Hostnames ?? [])}\n");
            }
        }

        return text.ToString();
    }

    public static string FullNameOf(V1Pod pod, string hostname) => $"{hostname}.{pod.Spec?.Subdomain}.{pod.Metadata.NamespaceProperty}.svc.{ClusterNames.Zone}";

    /// <summary>The cluster's name server unless the pod wants none; what its dnsConfig says comes on top.</summary>
    public static string ResolvConf(V1Pod pod)
    {
        var ns = pod.Metadata.NamespaceProperty;
        var (servers, searches, options) = pod.Spec?.DnsPolicy is "None" or "Default"
            ? (new List<string>(), new List<string>(), new List<(string Name, string? Value)>())
            : ([$"{PodNetwork.NameServer}"], [$"{ns}.svc.{ClusterNames.Zone}", $"svc.{ClusterNames.Zone}", ClusterNames.Zone], [("ndots", "5")]);
        var own = pod.Spec?.DnsConfig;
        servers.AddRange(own?.Nameservers ?? []);
        searches.AddRange(own?.Searches ?? []);
        foreach (var option in own?.Options ?? [])
        {
            options.RemoveAll(one => one.Name == option.Name);
            options.Add((option.Name ?? "", option.Value));
        }

        var lines = new List<string>();
        if (searches.Count > 0)
        {
            lines.Add($"search {string.Join(' ', searches.Distinct())}");
        }

        lines.AddRange(servers.Distinct().Select(server => $"nameserver {server}"));
        if (options.Count > 0)
        {
            lines.Add($"options {string.Join(' ', options.Select(option => option.Value is { Length: > 0 } value ? $"{option.Name}:{value}" : option.Name))}");
        }

        return string.Concat(lines.Select(line => line + "\n"));
    }
}
