using Slotwise.Entities;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Observation;

/// <summary>The informers that a pass reads. All but clusters and hosts are only objects with the cluster label.</summary>
public sealed record ClusterCaches
{
    public required IObjectCache<RedisCluster> Clusters { get; init; }

    public required IObjectCache<V1Pod> Pods { get; init; }

    public required IObjectCache<V1Service> Services { get; init; }

    public required IObjectCache<V1ConfigMap> ConfigMaps { get; init; }

    public required IObjectCache<V1Secret> Secrets { get; init; }

    public required IObjectCache<V1NetworkPolicy> NetworkPolicies { get; init; }

    public required IObjectCache<V1PodDisruptionBudget> DisruptionBudgets { get; init; }

    public required IObjectCache<V1StatefulSet> StatefulSets { get; init; }

    public required IObjectCache<V1PersistentVolumeClaim> Claims { get; init; }

    public required IObjectCache<V1Node> Hosts { get; init; }

    /// <summary>Pods that are gone and whose end was reported.</summary>
    public EndedPods EndedPods { get; init; } = new();

    /// <summary>The cluster that an object belongs to, by its label; null for a stranger's object.</summary>
    public static NamespacedName? OwnerOf(IKubernetesObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return obj.Metadata.Labels is { } labels && labels.TryGetValue(RedisClusterLabels.Cluster, out var cluster)
            ? new NamespacedName(obj.Metadata.NamespaceProperty ?? "", cluster)
            : null;
    }

    /// <summary>What the caches hold of one cluster's objects.</summary>
    public ClusterObjects Read(NamespacedName cluster) => new()
    {
        Services = Services.OwnedBy(cluster),
        ConfigMaps = ConfigMaps.OwnedBy(cluster),
        Secrets = Secrets.OwnedBy(cluster),
        NetworkPolicies = NetworkPolicies.OwnedBy(cluster),
        DisruptionBudgets = DisruptionBudgets.OwnedBy(cluster),
        StatefulSets = StatefulSets.OwnedBy(cluster),
        Claims = Claims.OwnedBy(cluster),
    };
}
