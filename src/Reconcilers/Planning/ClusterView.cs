using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Reconcilers.Planning.Configuration;
using Slotwise.Reconcilers.Planning.Rolling;
using Slotwise.Reconcilers.Planning.Rungs;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning;

/// <summary>What follows from an observation and several rungs ask for. Nothing here decides anything.</summary>
public sealed class ClusterView
{
    readonly SortedDictionary<NodeId, Member> _byId = [];
    readonly Lazy<SlotPlan?> _slotPlan;
    readonly Lazy<RollState> _roll;
    readonly Lazy<ConfigState> _config;
    readonly Lazy<IReadOnlyList<Refusal>> _invalid;

    public ClusterView(ClusterObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        Observation = observation;
        _slotPlan = new Lazy<SlotPlan?>(() => SlotPlan.Of(this), isThreadSafe: false);
        _roll = new Lazy<RollState>(() => RollState.Of(this), isThreadSafe: false);
        _config = new Lazy<ConfigState>(() => ConfigState.Of(this), isThreadSafe: false);
        _invalid = new Lazy<IReadOnlyList<Refusal>>(() => SpecChecks.RefuseInvalid(this), isThreadSafe: false);
        SurplusShards =
        [
            .. from set in observation.Objects.StatefulSets
               where IsOurs(set) && ClusterMetadata.ShardOf(set.Metadata) >= Spec.Shards
               select ClusterMetadata.ShardOf(set.Metadata)!.Value into shard
               orderby shard
               select shard,
        ];
        Notes = [.. observation.Objects.StatefulSets.Where(set => IsOurs(set)).SelectMany(MemberNote.ReadAll)];
        Members = [.. observation.Members.Select(pod => new Member(pod, pod.Server!, pod.Reference!))];
        foreach (var member in Members)
        {
            _byId.TryAdd(member.Id, member);
        }

        Absent = Absence.Find(observation);
        OwnedSlots = observation.OwnedSlots;
        WasFounded = observation.WasFounded;
        YoungestServer = Members.Count == 0 ? null : Members.Min(member => member.Server.Info.Uptime);
        ServedSlots = Members.Where(member => member.Server.IsMaster).Aggregate(SlotSet.Empty, (served, member) => served.Union(member.Server.Slots));
        Masters = [.. Members.Where(member => member.Server.IsMaster)];
        Claims = new SlotClaims(Masters);
        MastersAgree = ServedSlots.IsFull && Agree(Masters);
        IsFormed = MastersAgree && Agree(Members);
        KnowRoles = ServedSlots.IsFull && Members.All(witness => Members.All(other => KnowsRole(witness, other)));
    }

    public ClusterObservation Observation { get; }

    /// <summary>
    /// Whether, in a cluster that serves all slots, every server of ours knows every other one and whom it follows. Until then not every voter
    /// would elect every replica.
    /// </summary>
    public bool KnowRoles { get; }

    public RedisClusterSpec Spec => Observation.Cluster.Spec;

    /// <summary>The servers that answered and proved to be ours, by shard and ordinal.</summary>
    public IReadOnlyList<Member> Members { get; }

    /// <summary>Where nodes ran when they last answered, as far as it was noted.</summary>
    public IReadOnlyList<MemberNote> Notes { get; }

    /// <summary>Those of them that are masters, with slots or without.</summary>
    public IReadOnlyList<Member> Masters { get; }

    /// <summary>Who claims which slots.</summary>
    public SlotClaims Claims { get; }

    /// <summary>Pods whose servers do not answer and may come back with a node id, slots or keys that nobody else has.</summary>
    public IReadOnlyList<string> Absent { get; }

    /// <summary>Slots that any node owns in the view of any server of ours.</summary>
    public SlotSet OwnedSlots { get; }

    /// <summary>Whether every slot was given away once: what nobody serves then is lost, also where the cluster was never seen whole.</summary>
    public bool WasFounded { get; }

    /// <summary>Slots whose owner is one of our servers, and says so itself.</summary>
    public SlotSet ServedSlots { get; }

    /// <summary>How long the youngest of the servers runs; null when none answered.</summary>
    public TimeSpan? YoungestServer { get; }

    /// <summary>Whether every slot has an owner among our servers and all of them agree who owns what.</summary>
    public bool IsFormed { get; }

    /// <summary>Whether every slot has an owner among our servers and all masters agree who owns what. Replicas hear of a moved slot a little later.</summary>
    public bool MastersAgree { get; }

    /// <summary>Shards that exist and are no longer wanted, lowest first.</summary>
    public IReadOnlyList<int> SurplusShards { get; }

    /// <summary>Who owns slots, who shall, and what moves for it; null while not every slot of a cluster that was whole once is served.</summary>
    public SlotPlan? SlotPlan => _slotPlan.Value;

    /// <summary>
    /// The largest size that volumes were asked to have: by claims of pods that shall be, whether they are there at the moment or not, and by StatefulSets for claims
    /// to come. Null without storage.
    /// </summary>
    public Quantity? LargestVolume
    {
        get
        {
            if (Spec.Storage is null)
            {
                return null;
            }

            var names = from shard in Enumerable.Range(0, Spec.Shards)
                        from ordinal in Enumerable.Range(0, Spec.NodesPerShard)
                        select ClusterNames.Claim(Observation.Key.Name, shard, ordinal);
            var wanted = new SortedSet<string>(names, StringComparer.Ordinal);
            return Observation.Objects.Claims.Where(claim => wanted.Contains(claim.Metadata.Name!)).Select(Resources.Claims.RequestOf)
                .Concat(Observation.Objects.StatefulSets.Where(IsOurs).Select(Resources.Claims.SizeOf))
                .Max();
        }
    }

    /// <summary>What of the spec cannot be carried out. Such a spec is not carried out by half: nothing is made from it, and the cluster is kept as it is.</summary>
    public IReadOnlyList<Refusal> Invalid => _invalid.Value;

    /// <summary>How far the pods are made from what the spec says now.</summary>
    public RollState Roll => _roll.Value;

    /// <summary>The configuration that servers shall have and the one that they have.</summary>
    public ConfigState Config => _config.Value;

    public Member? Find(NodeId id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// The server of a shard that owns slots. Of several, which only a repair can sort out, the one with the highest epoch, as
    /// that is the one the others will believe.
    /// </summary>
    public Member? MasterOf(int shard) => Members
        .Where(member => member.Shard == shard && member.Server is { IsMaster: true, Slots.IsEmpty: false })
        .OrderByDescending(member => member.Server.Myself.ConfigEpoch)
        .ThenBy(member => member.Ordinal)
        .FirstOrDefault();

    /// <summary>
    /// The server that the others of its shard follow: the one that owns slots, or, in a shard that owns none because others own all, the master that
    /// most of them follow already, else the lowest. Null while slots are unserved: those of an empty shard may be among them.
    /// </summary>
    public Member? LeaderOf(int shard)
    {
        if (MasterOf(shard) is { } owner || !ServedSlots.IsFull)
        {
            return MasterOf(shard);
        }

        return Members
            .Where(member => member.Shard == shard && member.Server is { IsMaster: true, Info.IsLoading: false })
            .OrderByDescending(member => Members.Count(other => other.Server.Myself.MasterId == member.Id))
            .ThenBy(member => member.Ordinal)
            .FirstOrDefault();
    }

    /// <summary>
    /// How soon to look again at what only gossip brings about: often in a server's youth, seldom later, without remembering anything; and
    /// less often the more servers there are, as each of them has to answer with a line for each.
    /// </summary>
    public TimeSpan GossipInterval
    {
        get
        {
            var byAge = Backoff(YoungestServer ?? TimeSpan.Zero);
            var bySize = TimeSpan.FromMilliseconds(2 * Members.Count);
            return byAge > bySize ? byAge : bySize;
        }
    }

    /// <summary>A twentieth of the time that something has taken already, at least 50 ms (servers tell each other ten times a second) and at most 1 s.</summary>
    public static TimeSpan Backoff(TimeSpan elapsed) =>
        TimeSpan.FromMilliseconds(Math.Clamp(elapsed.TotalMilliseconds / 20, 50, 1000));

    /// <summary>Nodes that are in somebody's table and are none of the servers that answered.</summary>
    public IEnumerable<(Member Witness, ClusterNode Node)> Strangers()
    {
        foreach (var witness in Members)
        {
            foreach (var node in witness.Server.Nodes.Nodes)
            {
                if (!node.IsInHandshake && Find(node.Id) is null)
                {
                    yield return (witness, node);
                }
            }
        }
    }

    /// <summary>The StatefulSet of a shard, if this cluster controls it.</summary>
    public V1StatefulSet? StatefulSet(int shard)
    {
        var name = ClusterNames.Shard(Observation.Key.Name, shard);
        return Observation.Objects.StatefulSets.FirstOrDefault(set => set.Metadata.Name == name && IsOurs(set));
    }

    /// <summary>A note on the StatefulSet of a shard; null where there is none.</summary>
    public string? Annotation(int shard, string name) => StatefulSet(shard)?.Metadata.Annotations?.GetValueOrDefault(name);

    /// <summary>Whether this cluster controls the object, not an earlier one of the same name.</summary>
    public bool IsOurs(IKubernetesObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return obj.Metadata.IsControlledBy(Observation.Cluster.Metadata.Uid);
    }

    static bool KnowsRole(Member witness, Member other) =>
        witness.Server.Nodes.Find(other.Id) is { IsInHandshake: false } believed
        && believed.IsMaster == other.Server.Myself.IsMaster
        && believed.MasterId == other.Server.Myself.MasterId;

    static bool Agree(IReadOnlyList<Member> members)
    {
        for (var index = 1; index < members.Count; index++)
        {
            if (!members[0].Server.Nodes.AgreesOnSlotsWith(members[index].Server.Nodes))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A server that answered and proved to be ours.</summary>
/// <param name="Pod">Its pod.</param>
/// <param name="Server">What it said.</param>
/// <param name="Reference">How to reach it.</param>
public sealed record Member(PodObservation Pod, ServerObservation Server, ServerReference Reference)
{
    public NodeId Id => Server.Id;

    public int Shard => Pod.Shard;

    public int Ordinal => Pod.Ordinal;

    public string Address => Reference.Endpoint.Host;

    /// <summary>As it takes part in a step.</summary>
    public Party Party => new(Reference, Id, Server.IsMaster);

    /// <summary>In one view there is one for each server.</summary>
    public bool Equals(Member? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id.GetHashCode();

    public override string ToString() => Pod.Name;
}
