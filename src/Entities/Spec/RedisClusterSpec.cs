using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities;

/// <summary>What the cluster shall be. Every field may be changed at any time unless it says otherwise.</summary>
public sealed record RedisClusterSpec
{
    /// <summary>How many replicas a master may have.</summary>
    public const int MaxReplicasPerShard = 5;

    /// <summary>
    /// Number of shards, 1 to 500; the scale subresource sets it. More shards are added and filled, fewer are emptied and removed from the highest index down,
    /// without losing a key. With 1 or 2 shards there is no majority of masters to vote when one fails, see recovery.quorumLoss.
    /// shards x (1 + replicasPerShard) must not exceed 1000, the size up to which the gossip of Redis Cluster is sound.
    /// </summary>
    [Range(1, 500)]
    public required int Shards { get; init; }

    /// <summary>
    /// Number of replicas of each master, 0 to 5. With 0, a pod that ends takes its slots away until it is back, and without storage the keys in them are lost.
    /// </summary>
    [Range(0, MaxReplicasPerShard)]
    public int ReplicasPerShard { get; set; } = 1;

    /// <summary>
    /// The server's image, such as docker.io/library/redis:7.2: Redis 7.0 to 8.x or Valkey 7.2 to 9. It has no default, because a default that moved on with
    /// the operator would restart every cluster that relied on it. A change replaces the pods one shard at a time, replicas first, each master after it handed over.
    /// </summary>
    [StringLength(1024, MinimumLength = 1)]
    public required string Image { get; init; }

    /// <summary>When the image is pulled. By default Kubernetes decides: Always for the tag latest, else IfNotPresent.</summary>
    public ImagePullPolicy? ImagePullPolicy { get; init; }

    /// <summary>Secrets of the namespace with which the image is pulled.</summary>
    [MaxLength(16)]
    [ListMap("name")]
    public IReadOnlyList<SecretReference> ImagePullSecrets { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Processor and memory of each server. Set a memory limit: maxmemory is derived from it, and without one a server may grow until its host ends it.
    /// A change replaces the pods.
    /// </summary>
    public V1ResourceRequirements Resources { get; init => field = value ?? new(); } = new();

    /// <summary>While true the cluster is observed and reported on, and nothing is changed, not even to repair it.</summary>
    public bool Paused { get; init; }

    /// <summary>
    /// A volume for every server. Without it the servers are ephemeral: keys live in memory and in the replicas alone.
    /// It can be neither added nor removed later: make a new cluster and move the data.
    /// </summary>
    public RedisClusterStorage? Storage { get; init; }

    /// <summary>
    /// Directives of redis.conf, such as maxmemory-policy: allkeys-lru. What the server can change while it runs is changed live on every node and read back,
    /// the rest by replacing pods. Directives that the operator owns are refused: addresses and ports, the cluster's own files, users, TLS, replication, modules.
    /// </summary>
    [MaxLength(128)]
    [MapValues(1024, "^[^\\r\\n]*$")]
    public IReadOnlyDictionary<string, IntOrString> Config { get; init => field = value ?? EmptyConfig; } = EmptyConfig;

    /// <summary>
    /// maxmemory as a share of the memory limit, in percent, 1 to 95. Default 75, or 60 with storage, because a fork that writes to disk
    /// copies the pages that change meanwhile. Without effect where there is no memory limit.
    /// </summary>
    [Range(1, 95)]
    public int? MaxMemoryPercent { get; init; }

    /// <summary>
    /// Seconds that a server has to hand over, save and end before it is killed, 10 to 3600. A change replaces the pods.
    /// </summary>
    [Range(10, 3600)]
    public long TerminationGracePeriodSeconds { get; set; } = 90;

    /// <summary>Where the pods may run.</summary>
    public RedisClusterScheduling Scheduling { get; init => field = value ?? new(); } = new();

    /// <summary>
    /// Merged into the template of every pod, lists by name: labels, annotations, sidecar containers, volumes. The container redis may add env and volumeMounts only.
    /// hostNetwork, hostPID, hostIPC, privileged containers and the like are refused. A change replaces the pods.
    /// </summary>
    [PreserveUnknownFields]
    public JsonElement? PodTemplate { get; init; }

    /// <summary>How slots are spread over the shards.</summary>
    public RedisClusterRebalance Rebalance { get; init => field = value ?? new(); } = new();

    /// <summary>How pods are replaced.</summary>
    public RedisClusterUpdate Update { get; init => field = value ?? new(); } = new();

    /// <summary>What the operator may do by itself when masters or slots are lost.</summary>
    public RedisClusterRecovery Recovery { get; init => field = value ?? new(); } = new();

    /// <summary>Reserved: authentication of clients. Refused until a release carries it out.</summary>
    public RedisClusterAuth? Auth { get; init; }

    /// <summary>Reserved: further ACL users. Refused until a release carries it out.</summary>
    [MaxLength(64)]
    [ListMap("name")]
    public IReadOnlyList<RedisClusterUser> Users { get; init => field = value ?? []; } = [];

    /// <summary>Reserved: encryption between servers and with clients. Refused until a release carries it out.</summary>
    public RedisClusterTls? Tls { get; init; }

    /// <summary>Reserved: an exporter of metrics in every pod. Refused until a release carries it out.</summary>
    public RedisClusterMetrics? Metrics { get; init; }

    /// <summary>Reserved: access from outside of the Kubernetes cluster. Refused until a release carries it out.</summary>
    public RedisClusterAccess? Access { get; init; }

    /// <summary><see cref="MaxMemoryPercent"/>, or its default.</summary>
    [JsonIgnore]
    public int EffectiveMaxMemoryPercent => MaxMemoryPercent ?? (Storage is null ? 75 : 60);

    /// <summary>Pods of each shard: the master and its replicas.</summary>
    [JsonIgnore]
    public int NodesPerShard => 1 + ReplicasPerShard;

    static IReadOnlyDictionary<string, IntOrString> EmptyConfig { get; } = new SortedDictionary<string, IntOrString>(StringComparer.Ordinal);
}
