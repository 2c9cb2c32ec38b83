using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The StatefulSet of each shard.</summary>
public static class StatefulSets
{
    /// <summary>
    /// <c>Parallel</c>, because a server must not wait for another to become ready before it can be met; <c>OnDelete</c>, because
    /// the operator alone decides when a pod may be replaced. Claims are always retained: their fate is decided by the operator.
    /// </summary>
    public static V1StatefulSet Build(RedisCluster cluster, int shard, TemplateExtras? extras = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var spec = cluster.Spec;
        return new V1StatefulSet
        {
            Metadata = ClusterMetadata.Owned(cluster, ClusterNames.Shard(cluster.Metadata.Name!, shard), shard),
            Spec = new V1StatefulSetSpec
            {
                Replicas = spec.NodesPerShard,
                ServiceName = ClusterNames.NodesService(cluster.Metadata.Name!),
                PodManagementPolicy = "Parallel",
                UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "OnDelete" },
                PersistentVolumeClaimRetentionPolicy = new V1StatefulSetPersistentVolumeClaimRetentionPolicy
                {
                    WhenDeleted = "Retain",
                    WhenScaled = "Retain",
                },
                Selector = new V1LabelSelector { MatchLabels = ClusterMetadata.ShardSelector(cluster, shard) },
                Template = PodTemplates.Build(cluster, shard, extras),
                VolumeClaimTemplates = spec.Storage is { } storage ? [BuildClaim(cluster, shard, storage)] : null,
            },
        };
    }

    static V1PersistentVolumeClaim BuildClaim(RedisCluster cluster, int shard, RedisClusterStorage storage) => new()
    {
        Metadata = new V1ObjectMeta { Name = ClusterNames.DataVolume, Labels = ClusterMetadata.Labels(cluster, shard) },
        Spec = new V1PersistentVolumeClaimSpec
        {
            AccessModes = ["ReadWriteOnce"],
            StorageClassName = storage.StorageClassName,
            Resources = new V1ResourceRequirements
            {
                Requests = Claims.Amount(storage.Size),
            },
        },
    };
}
