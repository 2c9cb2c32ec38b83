using System.Text;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The ports of a cluster's servers.</summary>
public static class ClusterPorts
{
    /// <summary>The port for clients.</summary>
    public const int Data = 6379;

    /// <summary>
    /// The port on which a server that may not start yet tells its siblings and the operator so (gate.sh). Not one of the others: a closed port is a dead server
    /// to clients, which then ask somebody else, and to gossip, which then elects a replica.
    /// </summary>
    public const int Gate = 6380;

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
