using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Redis;

namespace Slotwise.Operator.Status;

/// <summary>What <c>slotwise status</c> knows of one cluster at one moment.</summary>
/// <param name="Resource">The resource, with the operator's own report.</param>
/// <param name="Pods">The pods there are, by shard and ordinal.</param>
sealed record ClusterPicture(RedisCluster Resource, IReadOnlyList<PodPicture> Pods)
{
    /// <summary>Every slot of a Redis Cluster.</summary>
    public const int AllSlots = 16384;

    /// <summary>How fast slots move, where they do and somebody watches.</summary>
    public MoveProgress? Moves { get; init; }

    public RedisClusterSpec Spec => Resource.Spec;

    public int WantedPods => Spec.Shards * Spec.NodesPerShard;

    public int WantedReplicas => Spec.Shards * Spec.ReplicasPerShard;

    /// <summary>Of those there shall be; those that are being removed do not count.</summary>
    public int ReadyPods => Wanted.Count(pod => pod.IsReady);

    /// <summary>Whether any Redis node answered; without it only the operator's report is known.</summary>
    public bool IsRedisReachable => Pods.Any(pod => pod.Node is not null);

    /// <summary>Whether nodes run that do not answer here, as from outside of the Kubernetes cluster.</summary>
    public bool IsRedisHidden => !IsRedisReachable && ReadyPods > 0;

    /// <summary>Nodes that list as many members as there shall be.</summary>
    public int NodesThatKnowAll => Wanted.Count(pod => pod.Node?.KnownNodes >= WantedPods);

    public int Slots => IsRedisReachable
        ? Pods.Aggregate(SlotSet.Empty, (slots, pod) => slots.Union(pod.Node is { IsMaster: true } node ? node.Slots : SlotSet.Empty)).Count
        : Resource.Status?.SlotsAssigned ?? 0;

    public int ReplicasInSync => Wanted.Count(pod => pod.Node is { IsMaster: false, IsLinkUp: true });

    /// <summary>Slots that are to be moved, as the operator reports it; null while none are.</summary>
    public int? SlotsToMove => Resource.Status?.Operation?.SlotsRemaining;

    public bool IsDeleting => Resource.Metadata.DeletionTimestamp is not null;

    IEnumerable<PodPicture> Wanted => Pods.Where(pod => pod.Shard < Spec.Shards && pod.Ordinal < Spec.NodesPerShard);

    /// <summary>The condition of that type, if it is about the newest change of the spec.</summary>
    public V1Condition? Condition(string type) => Resource.Status?.Conditions.FirstOrDefault(condition => condition.Type == type);

    public bool IsReady => Condition("Ready")?.Status == "True" && Resource.Status?.ObservedGeneration == Resource.Metadata.Generation;
}

/// <summary>One pod, and what the Redis node in it says.</summary>
/// <param name="Name">Such as <c>sample-0-1</c>.</param>
/// <param name="Shard">The index of its shard.</param>
/// <param name="IsReady">As Kubernetes sees it.</param>
/// <param name="Trouble">Why it does not run, such as an image that is not there; null when nothing is known against it.</param>
/// <param name="Node">Null when the Redis node did not answer.</param>
sealed record PodPicture(string Name, int Shard, bool IsReady, string? Trouble, NodePicture? Node)
{
    /// <summary>Its place in its shard, as its name says.</summary>
    public int Ordinal => int.TryParse(Name[(Name.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture, out var ordinal) ? ordinal : 0;

    /// <summary>Where its Redis node listens; null until it has an address.</summary>
    public RedisEndpoint? Endpoint { get; init; }
}

/// <summary>What one Redis node says of itself.</summary>
sealed record NodePicture
{
    public required NodeId Id { get; init; }

    public required bool IsMaster { get; init; }

    /// <summary>For a replica, whom it follows.</summary>
    public NodeId? MasterId { get; init; }

    public SlotSet Slots { get; init; } = SlotSet.Empty;

    /// <summary>For a replica: it received its master's data, and follows every write.</summary>
    public bool IsLinkUp { get; init; }

    /// <summary>Members of the cluster that it lists, itself included, those still shaking hands not.</summary>
    public int KnownNodes { get; init; }

    public long Keys { get; init; }

    /// <summary>Bytes.</summary>
    public long UsedMemory { get; init; }
}
