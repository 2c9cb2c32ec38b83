using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>Labels, owner references and names that the objects of a cluster share.</summary>
public static class ClusterMetadata
{
    /// <summary>
    /// On the StatefulSet of a shard once the cluster was seen whole: from then on a slot without owner is a loss and not a beginning. Its value is the
    /// number of shards, by which a StatefulSet that somebody deleted is told from a shard that was never there.
    /// </summary>
    public const string FormedAnnotation = "slotwise.dev/formed";

    /// <summary>The labels that select every pod of the cluster.</summary>
    public static SortedDictionary<string, string> Selector(RedisCluster cluster) => new(StringComparer.Ordinal)
    {
        [RedisClusterLabels.Cluster] = cluster.Metadata.Name!,
    };

    /// <summary>The labels that select every pod of a shard.</summary>
    public static SortedDictionary<string, string> ShardSelector(RedisCluster cluster, int shard)
    {
        var labels = Selector(cluster);
        labels[RedisClusterLabels.Shard] = shard.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return labels;
    }

    public static SortedDictionary<string, string> Labels(RedisCluster cluster, int? shard = null)
    {
        var labels = shard is { } index ? ShardSelector(cluster, index) : Selector(cluster);
        labels[RedisClusterLabels.Name] = RedisClusterLabels.NameValue;
        labels[RedisClusterLabels.Instance] = cluster.Metadata.Name!;
        labels[RedisClusterLabels.ManagedBy] = RedisClusterLabels.ManagedByValue;
        return labels;
    }

    /// <summary>Metadata of an object that goes when the cluster goes.</summary>
    public static V1ObjectMeta Owned(RedisCluster cluster, string name, int? shard = null) => new()
    {
        Name = name,
        NamespaceProperty = cluster.Metadata.NamespaceProperty,
        Labels = Labels(cluster, shard),
        OwnerReferences =
        [
            new V1OwnerReference
            {
                ApiVersion = cluster.ApiVersion,
                Kind = cluster.Kind,
                Name = cluster.Metadata.Name!,
                Uid = cluster.Metadata.Uid!,
                Controller = true,
                BlockOwnerDeletion = true,
            },
        ],
    };

    /// <summary>Whether the object is controlled by this very cluster, not by one of the same name before it.</summary>
    public static bool IsControlledBy(this V1ObjectMeta metadata, string? ownerUid) =>
        metadata.OwnerReferences?.Any(owner => owner.Controller == true && owner.Uid == ownerUid) == true;
}
