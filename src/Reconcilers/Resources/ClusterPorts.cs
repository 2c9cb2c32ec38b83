using System.Text;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The ports of a cluster's servers.</summary>
public static class ClusterPorts
{
    /// <summary>The port for clients.</summary>
    public const int Data = 6379;

    const int FirstBusPort = 20000;
    const int BusPorts = 10000;

    /// <summary>
    /// The port for gossip, 20000 to 29999, from the cluster's namespace and name. Two clusters rarely share one, so a server that finds another
    /// cluster's server at a re-used address mostly finds no listener there: gossip itself accepts any node that greets it (redis #6174).
    /// Below the ephemeral ports of Linux and the NodePorts, so that nobody else's socket takes it.
    /// </summary>
    public static int Bus(NamespacedName cluster)
    {
        // FNV-1a: the same for every process and release, unlike string.GetHashCode.
        var hash = 2166136261u;
        foreach (var octet in Encoding.UTF8.GetBytes(cluster.ToString()))
        {
            hash = unchecked((hash ^ octet) * 16777619u);
        }

        return FirstBusPort + (int)(hash % BusPorts);
    }
}
