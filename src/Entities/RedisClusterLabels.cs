namespace Slotwise.Entities;

/// <summary>The labels by which the objects of a RedisCluster are found, and the field manager that owns their fields.</summary>
public static class RedisClusterLabels
{
    /// <summary>The API group of the custom resource.</summary>
    public const string Group = "redis.slotwise.dev";

    /// <summary>The field manager of everything that the operator applies.</summary>
    public const string FieldManager = "slotwise";

    /// <summary>On every object of a cluster: the cluster's name. What does not carry it is never cached.</summary>
    public const string Cluster = "slotwise.dev/cluster";

    /// <summary>On every object of a shard: its index, from 0.</summary>
    public const string Shard = "slotwise.dev/shard";

    /// <summary>Recommended label; always <see cref="NameValue"/>.</summary>
    public const string Name = "app.kubernetes.io/name";

    public const string NameValue = "redis-cluster";

    /// <summary>Recommended label; the cluster's name.</summary>
    public const string Instance = "app.kubernetes.io/instance";

    /// <summary>Recommended label; always <see cref="ManagedByValue"/>.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";

    public const string ManagedByValue = "slotwise";

    /// <summary>Set by the StatefulSet controller since Kubernetes 1.28: the pod's ordinal.</summary>
    public const string PodIndex = "apps.kubernetes.io/pod-index";

    /// <summary>
    /// The selector of <c>status.selector</c>: exactly one pod of each shard, because a HorizontalPodAutoscaler multiplies the wanted number of shards
    /// by what the selected pods use.
    /// </summary>
    public static string ScaleSelector(string clusterName) => $"{Cluster}={clusterName},{PodIndex}=0";
}
