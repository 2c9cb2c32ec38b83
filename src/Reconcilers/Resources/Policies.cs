using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>Who may connect to the servers, and how many of them may be evicted.</summary>
public static class Policies
{
    /// <summary>
    /// Admits only members to the gossip port, because gossip accepts whoever greets it and two clusters would merge (redis #6174).
    /// The ports for clients and of the gate are named too and open to all: once a policy selects a pod, whatever it does not name is closed, and where the
    /// operator runs is not known here.
    /// </summary>
    public static V1NetworkPolicy BuildNetworkPolicy(RedisCluster cluster) => Wishes.Of(cluster, nameof(BuildNetworkPolicy), details: "", () =>
    {
        var members = new V1LabelSelector { MatchLabels = ClusterMetadata.Selector(cluster) };
        return new V1NetworkPolicy
        {
            Metadata = ClusterMetadata.Owned(cluster, ClusterNames.NetworkPolicy(cluster.Metadata.Name!)),
            Spec = new V1NetworkPolicySpec
            {
                PodSelector = members,
                PolicyTypes = ["Ingress"],
                Ingress =
                [
                    new V1NetworkPolicyIngressRule { Ports = [Port(ClusterPorts.Data), Port(ClusterPorts.Gate)] },
                    new V1NetworkPolicyIngressRule
                    {
                        FromProperty = [new V1NetworkPolicyPeer { PodSelector = members }],
                        Ports = [Port(ClusterPorts.Bus(NamespacedName.Of(cluster)))],
                    },
                ],
            },
        };
    });

    /// <summary>
    /// One pod of a shard at a time, so that a drain of hosts leaves every shard a copy. None without replicas: a budget would then
    /// only block the drain for ever.
    /// </summary>
    public static V1PodDisruptionBudget? BuildDisruptionBudget(RedisCluster cluster, int shard) => cluster.Spec.ReplicasPerShard == 0
        ? null
        : new V1PodDisruptionBudget
        {
            Metadata = ClusterMetadata.Owned(cluster, ClusterNames.Shard(cluster.Metadata.Name!, shard), shard),
            Spec = new V1PodDisruptionBudgetSpec
            {
                MaxUnavailable = 1,
                Selector = new V1LabelSelector { MatchLabels = ClusterMetadata.ShardSelector(cluster, shard) },
            },
        };

    static V1NetworkPolicyPort Port(int port) => new() { Port = port, Protocol = "TCP" };
}
