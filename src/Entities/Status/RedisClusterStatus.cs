using System.ComponentModel.DataAnnotations;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities;

/// <summary>What the cluster is, as last observed.</summary>
public sealed record RedisClusterStatus
{
    /// <summary>The metadata.generation that this status is about. An older one means that the last change was not looked at yet.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>
    /// Ready, Reconciling and Stalled as kstatus has them; SlotsCovered, ReplicasInSync, Balanced and QuorumSafe beside them. QuorumSafe is False when one
    /// failure can take the majority of masters: with 1 or 2 shards, or when one host or zone holds a majority. With storage also VolumeNearlyFull, which is
    /// True when a volume is filled to 80 %; at 95 % no slot is moved there and no pod replaced.
    /// </summary>
    [ListMap("type")]
    public IReadOnlyList<V1Condition> Conditions { get; init => field = value ?? []; } = [];

    /// <summary>Shards that exist, those being filled or emptied included; read by the scale subresource.</summary>
    public int ShardCount { get; init; }

    /// <summary>Selects one pod of each shard; read by the scale subresource for autoscalers.</summary>
    public string? Selector { get; init; }

    /// <summary>Hash slots that a reachable master owns, of 16384.</summary>
    public int SlotsAssigned { get; init; }

    /// <summary>Servers that are members of the cluster and ready: masters that serve, replicas whose link to their master is up.</summary>
    public int ReadyNodes { get; init; }

    /// <summary>readyNodes of all that are wanted, such as 6/6.</summary>
    public string? Ready { get; init; }

    /// <summary>slotsAssigned of all, such as 16384/16384.</summary>
    public string? Slots { get; init; }

    /// <summary>The shards, by index.</summary>
    [ListMap("index")]
    public IReadOnlyList<RedisClusterShardStatus> Shards { get; init => field = value ?? []; } = [];

    /// <summary>
    /// The largest size that a volume of the cluster was asked to have; absent without storage. As long as storage refuses to grow them, storage.size can be taken
    /// back to it.
    /// </summary>
    [StringLength(32)]
    public string? VolumeSize { get; init; }

    /// <summary>What is being done; absent when nothing is.</summary>
    public RedisClusterOperation? Operation { get; init; }
}
