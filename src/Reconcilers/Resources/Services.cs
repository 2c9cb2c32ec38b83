using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The two Services of a cluster.</summary>
public static class Services
{
    /// <summary>Headless, and with the addresses of pods that are not ready: a server must be found by its stable name before it can become ready.</summary>
    public static V1Service BuildNodes(RedisCluster cluster) => Wishes.Of(cluster, nameof(BuildNodes), details: "", () => new V1Service
    {
        Metadata = ClusterMetadata.Owned(cluster, ClusterNames.NodesService(cluster.Metadata.Name!)),
        Spec = new V1ServiceSpec
        {
            Type = "ClusterIP",
            ClusterIP = "None",
            PublishNotReadyAddresses = true,
            Selector = ClusterMetadata.Selector(cluster),
            Ports =
            [
                Port("redis", ClusterPorts.Data),
                Port("bus", ClusterPorts.Bus(NamespacedName.Of(cluster))),
            ],
        },
    });

    /// <summary>Where clients find a first node; from there they learn the others.</summary>
    public static V1Service BuildClient(RedisCluster cluster) => Wishes.Of(cluster, nameof(BuildClient), details: "", () => new V1Service
    {
        Metadata = ClusterMetadata.Owned(cluster, ClusterNames.ClientService(cluster.Metadata.Name!)),
        Spec = new V1ServiceSpec
        {
            Type = "ClusterIP",
            Selector = ClusterMetadata.Selector(cluster),
            Ports = [Port("redis", ClusterPorts.Data)],
        },
    });

    static V1ServicePort Port(string name, int port) => new() { Name = name, Port = port, TargetPort = port, Protocol = "TCP" };
}
