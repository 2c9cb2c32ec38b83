using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>Labels, owner references and names that the objects of a cluster share.</summary>
public static class ClusterMetadata
{
    /// <summary>On the StatefulSet of a shard once the cluster was seen whole: from then on a slot without owner is a loss and not a beginning.</summary>
    public const string FormedAnnotation = "slotwise.dev/formed";

    /// <summary>On the StatefulSet of the first shard while slots move for a reason: which, and since when.</summary>
    public const string OperationAnnotation = "slotwise.dev/operation";

    /// <summary>On the StatefulSet of a shard that is to be emptied and removed; no slot leaves it for that before this is there.</summary>
    public const string DrainingAnnotation = "slotwise.dev/draining";

    /// <summary>On the StatefulSet of a shard that is to be removed: since when it was seen to be empty.</summary>
    public const string EmptiedAnnotation = "slotwise.dev/emptied";

    /// <summary>On the StatefulSet of an emptied shard: the ids of its nodes, which every other node has to forget before it is deleted.</summary>
    public const string RetiredNodesAnnotation = "slotwise.dev/retired-nodes";

    /// <summary>On the StatefulSet of a shard whose replicas became fewer: from this ordinal on its claims are to be deleted.</summary>
    public const string RetiredClaimsAnnotation = "slotwise.dev/retired-claims";

    /// <summary>On the StatefulSet of a shard from which servers failed to move slots by themselves: which job, how many failed, and when to try again.</summary>
    public const string MoveRetryAnnotation = "slotwise.dev/move-retry";

    /// <summary>On the StatefulSet of a shard: its last failovers, those that the operator asked for written before it asked.</summary>
    public const string FailoverAnnotation = "slotwise.dev/failover";

    /// <summary>On the StatefulSet of a shard: in which pods and on which hosts its nodes ran when they last answered, and which was the master.</summary>
    public const string MembersAnnotation = "slotwise.dev/members";

    /// <summary>
    /// On the StatefulSet of a shard while cluster-node-timeout is higher than configured on all nodes, because one of its keys is so large that the servers
    /// stand still while it moves: the value to go back to, in milliseconds.
    /// </summary>
    public const string RaisedTimeoutAnnotation = "slotwise.dev/raised-timeout";

    /// <summary>
    /// On a pod whose server lost its memory and waits for a replica that may have its keys: the node id of that server, to give these keys up and start empty.
    /// </summary>
    public const string StartEmptyAnnotation = "slotwise.dev/start-empty";

    /// <summary>On the ConfigMap: what was learnt from the servers about directives.</summary>
    public const string DirectivesAnnotation = "slotwise.dev/directives";

    /// <summary>On a pod template and every pod that was made from it: a stamp of what it says.</summary>
    public const string TemplateAnnotation = "slotwise.dev/template";

    /// <summary>On the StatefulSet of a shard: why its pod template was changed the last time, for people.</summary>
    public const string UpdateAnnotation = "slotwise.dev/update";

    /// <summary>On the StatefulSet of the first shard while masters share hosts or zones: who they are, and since when.</summary>
    public const string RespreadAnnotation = "slotwise.dev/respread";

    /// <summary>The labels that select every pod of the cluster.</summary>
    public static SortedDictionary<string, string> Selector(RedisCluster cluster) => new(StringComparer.Ordinal)
    {
        [RedisClusterLabels.Cluster] = cluster.Metadata.Name!,
    };

    /// <summary>The labels that select every pod of a shard.</summary>
    public static SortedDictionary<string, string> ShardSelector(RedisCluster cluster, int shard)
    {
        var labels = Selector(cluster);
        labels[RedisClusterLabels.Shard] = shard.ToString(CultureInfo.InvariantCulture);
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

    /// <summary>The index of the shard that an object belongs to; null for an object of no shard.</summary>
    public static int? ShardOf(V1ObjectMeta metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return metadata.Labels is { } labels
            && labels.TryGetValue(RedisClusterLabels.Shard, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var shard)
                ? shard
                : null;
    }

    /// <summary>Whether the object is controlled by this very cluster, not by one of the same name before it.</summary>
    public static bool IsControlledBy(this V1ObjectMeta metadata, string? ownerUid) =>
        metadata.OwnerReferences?.Any(owner => owner.Controller == true && owner.Uid == ownerUid) == true;
}
