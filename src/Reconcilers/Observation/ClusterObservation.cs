using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>Everything that one pass read. The planner knows nothing else, not even the time.</summary>
public sealed record ClusterObservation
{
    /// <summary>When it was made; the planner's only clock.</summary>
    public required DateTimeOffset At { get; init; }

    public required RedisCluster Cluster { get; init; }

    /// <summary>The objects of this cluster and of any other that stands in their places.</summary>
    public required ClusterObjects Objects { get; init; }

    /// <summary>The pods of this cluster's shards, by shard and ordinal, each with what its server said.</summary>
    public required IReadOnlyList<PodObservation> Pods { get; init; }

    /// <summary>Since when this operator works: what happened before it did not see.</summary>
    public required DateTimeOffset WatchedSince { get; init; }

    /// <summary>The hosts of its pods and those that are noted of its nodes, as far as they exist.</summary>
    public IReadOnlyList<HostObservation> Hosts { get; init; } = [];

    /// <summary>Where the keys of slots without a clear owner are.</summary>
    public SlotKeys Keys { get; init; } = SlotKeys.None;

    /// <summary>The nodes that our servers know and that none of our pods is.</summary>
    public IReadOnlyList<StrangerObservation> Strangers { get; init; } = [];

    public NamespacedName Key => NamespacedName.Of(Cluster);

    /// <summary>The servers that answered and proved to be ours.</summary>
    public IEnumerable<PodObservation> Members => Pods.Where(pod => pod.Server is not null);

    /// <summary>The pod of that place, if it exists.</summary>
    public PodObservation? Pod(int shard, int ordinal) => Pods.FirstOrDefault(pod => pod.Shard == shard && pod.Ordinal == ordinal);

    /// <summary>The uids of pods that are noted and gone, and whose host had reported the end of their server.</summary>
    public IReadOnlyList<string> EndedPods { get; init; } = [];

    /// <summary>A host; null if there is none of that name (any more).</summary>
    public HostObservation? Host(string name) => Hosts.FirstOrDefault(host => host.Name == name);

    /// <summary>The zone of a host; null where it is not known.</summary>
    public string? ZoneOf(string host) => Host(host)?.Zone;

    /// <summary>Slots that any node owns in the view of any server of ours.</summary>
    public SlotSet OwnedSlots => Members.Aggregate(SlotSet.Empty, (owned, member) => owned.Union(member.Server!.Nodes.CoveredSlots));

    /// <summary>Whether every slot was given away once: what nobody serves then is lost, also where the cluster was never seen whole.</summary>
    public bool WasFounded => WasFormed || OwnedSlots.IsFull;

    /// <summary>Whether this cluster was seen whole at any time, as noted on the StatefulSets of its shards.</summary>
    public bool WasFormed => Objects.StatefulSets.Concat(SavedStatefulSet.All(this).Select(saved => saved.Set)).Any(set =>
        set.Metadata.IsControlledBy(Cluster.Metadata.Uid) && set.Metadata.Annotations?.ContainsKey(ClusterMetadata.FormedAnnotation) == true);
}
