using System.Security.Cryptography;
using System.Text;
using Slotwise.Entities;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Planning.Balancing;

/// <summary>
/// Who owns slots, who shall, and what has to move for it. It is computed anew from every observation: only that moving was begun, and why, is
/// noted anywhere.
/// </summary>
public sealed class SlotPlan
{
    const int IdLength = 10;

    SlotPlan(ClusterView view)
    {
        var spec = view.Spec;
        Operation = Operation.Parse(view.Annotation(0, Resources.ClusterMetadata.OperationAnnotation));
        Holders = FindHolders(view);
        var shares = FindShares();
        var isLevel = SlotBalancer.IsLevel(shares, spec.Rebalance.TolerancePercent);
        var levelling = SlotBalancer.Plan(shares, levels: true);
        var mayLevel = spec.Rebalance.Mode == RebalanceMode.Auto || Operation?.Kind is OperationKind.ScalingOut or OperationKind.Rebalancing;
        if (!mayLevel && !isLevel && Holders.All(holder => holder.Stays || holder.Slots.IsEmpty))
        {
            var id = Identify(levelling);
            mayLevel = view.Observation.Cluster.Metadata.Annotations?.GetValueOrDefault(RedisClusterAnnotations.ApproveRebalance) == id;
            Proposal = mayLevel ? null : new RebalanceProposal(id, levelling);
        }

        var levels = mayLevel && (Operation is not null || !isLevel);
        Transfers = levels ? levelling : SlotBalancer.Plan(shares, levels: false);
        Remaining = Transfers.Sum(transfer => transfer.Slots.Count) + Jobs.Sum(job => job.Slots.Count);
        Kind = view.SurplusShards.Count > 0 ? OperationKind.ScalingIn
            : Remaining == 0 ? null
            : levels && Holders.Any(holder => holder is { Stays: true, Slots.IsEmpty: true }) ? OperationKind.ScalingOut
            : Operation?.Kind ?? OperationKind.Rebalancing;
    }

    /// <summary>What was noted to be under way; null when nothing is.</summary>
    public Operation? Operation { get; }

    /// <summary>What is or shall be under way; null when nothing has to move.</summary>
    public OperationKind? Kind { get; }

    /// <summary>All that own slots or shall; the first are the wanted shards, by index.</summary>
    public IReadOnlyList<SlotHolder> Holders { get; }

    /// <summary>The moves that are left to be made, between places in <see cref="Holders"/>; without what jobs move already.</summary>
    public IReadOnlyList<SlotTransfer> Transfers { get; }

    /// <summary>Jobs of the servers themselves that are under way.</summary>
    public IReadOnlyList<RunningJob> Jobs { get; private set; } = [];

    /// <summary>Slots that are still to arrive where they shall be.</summary>
    public int Remaining { get; }

    /// <summary>What would be moved if the user approved it; null when nothing waits for that.</summary>
    public RebalanceProposal? Proposal { get; }

    /// <summary>Jobs that bring slots to where they are not wanted any more.</summary>
    public IEnumerable<RunningJob> Misfits => Jobs.Where(job => !Holders[job.To].Stays || Transfers.Any(transfer => transfer.From == job.To));

    /// <summary>
    /// The plan of a cluster that is whole; null while it is founded, or while a slot is not served or claimed by two: whose it is is for other rungs to settle.
    /// </summary>
    public static SlotPlan? Of(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var claims = view.Members.Where(member => member.Server.IsMaster).Sum(member => member.Server.Slots.Count);
        return view.Observation.WasFormed && view.ServedSlots.IsFull && claims == SlotSet.SlotCount ? new SlotPlan(view) : null;
    }

    static List<SlotHolder> FindHolders(ClusterView view)
    {
        var shards = Enumerable.Range(0, view.Spec.Shards).Union(view.SurplusShards).ToList();
        var holders = shards.Select(shard =>
        {
            var leader = view.LeaderOf(shard);
            return new SlotHolder(shard, leader, leader?.Server.Slots ?? SlotSet.Empty, shard < view.Spec.Shards);
        }).ToList();

        // Somebody moved slots to what was a replica: they go back to the masters of shards.
        holders.AddRange(
            from member in view.Members
            where member.Server is { IsMaster: true, Slots.IsEmpty: false } && holders.TrueForAll(holder => holder.Master?.Id != member.Id)
            select new SlotHolder(member.Shard, member, member.Server.Slots, Stays: false));
        return holders;
    }

    /// <summary>What everybody owns once the jobs that are under way have come to their end.</summary>
    List<ShardShare> FindShares()
    {
        Jobs =
        [
            .. from master in Holders.Select(holder => holder.Master).OfType<Member>()
               from job in master.Server.Jobs
               where job.State == SlotMoveJobState.InProgress
               let source = PlaceOf(job.Source ?? (job.IsExport ? master.Id : null))
               let target = PlaceOf(job.Target ?? (job.IsExport ? null : master.Id))
               where source >= 0 && target >= 0
               let slots = job.Slots.Intersect(Holders[source].Slots)
               where !slots.IsEmpty
               group new RunningJob(source, target, slots, job) by job.Id into reports
               select reports.First(),
        ];
        return
        [
            .. Holders.Select((holder, place) => new ShardShare(
                place,
                Jobs.Aggregate(holder.Slots, (slots, job) => job.From == place ? slots.Except(job.Slots) : job.To == place ? slots.Union(job.Slots) : slots),
                holder.Stays ? 1 : 0)),
        ];
    }

    int PlaceOf(NodeId? id)
    {
        for (var place = 0; place < Holders.Count; place++)
        {
            if (id is not null && Holders[place].Master?.Id == id)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>The same moves have the same id, and any other ones another, so that an approval is of just what was shown.</summary>
    static string Identify(IReadOnlyList<SlotTransfer> transfers)
    {
        var text = string.Join(';', transfers.Select(transfer => $"{transfer.From}>{transfer.To}:{transfer.Slots}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..IdLength];
    }
}

/// <summary>A job in which servers move slots by themselves, between places in <see cref="SlotPlan.Holders"/>.</summary>
public sealed record RunningJob(int From, int To, SlotSet Slots, SlotMoveJob Job);

/// <summary>Moves that wait for the user's approval.</summary>
/// <param name="Id">Names just these moves.</param>
/// <param name="Transfers">The moves.</param>
public sealed record RebalanceProposal(string Id, IReadOnlyList<SlotTransfer> Transfers);
