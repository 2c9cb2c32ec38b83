using System.Text.Json.Serialization.Metadata;
using Slotwise.Entities.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities;

/// <summary>
/// A Redis Cluster: shards of one master and its replicas, which share the 16384 hash slots. Apply it to have the cluster made, change it to have the
/// cluster changed without losing a key, delete it to have the cluster deleted.
/// </summary>
/// <remarks>
/// The summaries of these types are the descriptions of the custom resource's schema, so they are written for the user of the resource.
/// Reading an object with source-generated code passes null or zero for an absent property that has only <c>init</c>, whatever its initializer says.
/// So a property whose default is an object restores it in <c>init</c>, and one whose default is a number other than zero, or true, has <c>set</c>.
/// </remarks>
[KubernetesEntity(Group = RedisClusterLabels.Group, ApiVersion = "v1beta1", Kind = "RedisCluster", PluralName = "redisclusters")]
public sealed record RedisCluster : IKubernetesObject<RedisCluster>
{
    public static JsonTypeInfo<RedisCluster> JsonTypeInfo => RedisClusterJson.Default.RedisCluster;

    public string ApiVersion { get; init => field = value ?? field; } = "redis.slotwise.dev/v1beta1";

    public string Kind { get; init => field = value ?? field; } = "RedisCluster";

    public V1ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What the cluster shall be.</summary>
    public required RedisClusterSpec Spec { get; init; }

    /// <summary>What the cluster is, as last observed. Written by the operator alone, and never read back by it.</summary>
    public RedisClusterStatus? Status { get; init; }
}
