using System.Globalization;
using Slotwise.Entities;
using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>Refuses moves for which servers lack the memory, with numbers. Before the first slot of a drained shard moves, all of it must fit.</summary>
public static class MemoryCheck
{
    /// <summary>The transfers that must not be made, and why.</summary>
    public static (IReadOnlyList<SlotTransfer> Transfers, IReadOnlyList<Refusal> Refusals) Refuse(ClusterView view, SlotPlan plan)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(plan);
        if (AllowsEviction(view))
        {
            return ([], []);
        }

        var memory = new SortedDictionary<int, ShardMemory>();
        for (var place = 0; place < plan.Holders.Count; place++)
        {
            memory[place] = Read(view, plan.Holders[place]);
        }

        var shortages = MemoryFit.FindShortages(plan.Transfers, memory);
        if (shortages.Count == 0)
        {
            return ([], []);
        }

        // A shard that could be emptied half would be moved for nothing, and the survivors be full.
        var isDrainShort = plan.Transfers.Any(transfer => !plan.Holders[transfer.From].Stays && IsShort(transfer));
        return (
            [.. plan.Transfers.Where(transfer => IsShort(transfer) || (isDrainShort && !plan.Holders[transfer.From].Stays))],
            [.. shortages.Select(shortage => new Refusal("InsufficientMemory", Explain(view, plan, shortage)))]);

        bool IsShort(SlotTransfer transfer) => shortages.Any(shortage => shortage.Shard == transfer.To);
    }

    /// <summary>Whether the user takes the loss of keys, or refused writes, for it.</summary>
    public static bool AllowsEviction(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view.Observation.Cluster.Metadata.Annotations?.GetValueOrDefault(RedisClusterAnnotations.AllowEviction) == "true";
    }

    static ShardMemory Read(ClusterView view, SlotHolder holder)
    {
        if (holder.Master is not { } master)
        {
            return new ShardMemory(0, 0, []);
        }

        var servers = view.Members.Where(member => member.Id == master.Id || member.Server.Myself.MasterId == master.Id);
        return new ShardMemory(
            master.Server.HoldsKeys ? master.Server.Info.DatasetMemory : 0,
            holder.Slots.Count,
            [.. servers.Select(server => new ServerMemory(server.Pod.Name, server.Server.Info.UsedMemory, Capacity(view, server)))]);
    }

    static long? Capacity(ClusterView view, Member server)
    {
        var limit = RedisConfig.MaxMemory(view.Spec, RedisConfig.MemoryLimit(view.Spec.Resources));
        return server.Server.Info.MaxMemory is > 0 and var maxMemory ? Math.Min(maxMemory, limit ?? long.MaxValue) : limit;
    }

    static string Explain(ClusterView view, SlotPlan plan, MemoryShortage shortage)
    {
        var leaving = plan.Transfers.Where(transfer => transfer.To == shortage.Shard).Select(transfer => plan.Holders[transfer.From].Shard).Distinct().Order().ToList();
        var remedy = view.SurplusShards.Count > 0 ? "keep more shards (spec.shards), " : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{shortage.Server.Server} has room for {ByteText.Of(shortage.Room)} (it uses {ByteText.Of(shortage.Server.Used)} of {ByteText.Of(shortage.Server.Capacity ?? 0)}, 10 % are kept free) and the slots that are to come from {(leaving.Count == 1 ? "shard" : "shards")} {string.Join(", ", leaving)} need about {ByteText.Of(shortage.Need)}: {remedy}delete keys, or accept that keys are evicted or writes refused with kubectl annotate rediscluster {view.Observation.Key.Name} -n {view.Observation.Key.Namespace} {RedisClusterAnnotations.AllowEviction}=true");
    }
}
