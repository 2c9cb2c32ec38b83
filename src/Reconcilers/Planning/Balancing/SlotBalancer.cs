namespace Slotwise.Reconcilers.Planning.Balancing;

/// <summary>
/// Decides which slots go where so that every shard owns its share, with as few slots moved as possible. Planned again from any state on the
/// way there it plans the rest and nothing else: no slot moves twice, so nothing has to be remembered between passes.
/// </summary>
public static class SlotBalancer
{
    /// <summary>How many slots each shard shall own, in the order of <paramref name="shards"/>.</summary>
    /// <param name="shards">The shards, each once.</param>
    /// <param name="levels">
    /// Whether every shard may have to give. If not, only those of weight 0 give, and what they give goes first to those that own least.
    /// </param>
    public static IReadOnlyList<int> Targets(IReadOnlyList<ShardShare> shards, bool levels)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var sharing = shards.Where(shard => shard.Weight > 0).ToList();
        if (sharing.Count == 0)
        {
            return [.. shards.Select(shard => shard.Slots.Count)];
        }

        long slots = shards.Sum(shard => shard.Slots.Count);
        var targets = new SortedDictionary<int, int>();
        if (!levels)
        {
            // Those that own more than their share keep it, which leaves less to share among the others, until all that remain are to receive.
            while (sharing.FindAll(shard => shard.Slots.Count * Weights(sharing) > slots * shard.Weight) is { Count: > 0 } full)
            {
                foreach (var shard in full)
                {
                    targets[shard.Shard] = shard.Slots.Count;
                    slots -= shard.Slots.Count;
                    sharing.Remove(shard);
                }
            }
        }

        foreach (var (shard, share) in ShareOut(sharing, slots))
        {
            targets[shard.Shard] = share;
        }

        return [.. shards.Select(shard => targets.GetValueOrDefault(shard.Shard))];
    }

    /// <summary>The transfers that bring every shard to its target; none when all are there.</summary>
    public static IReadOnlyList<SlotTransfer> Plan(IReadOnlyList<ShardShare> shards, bool levels)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var targets = Targets(shards, levels);
        var donors = Select(surplus => surplus);
        var receivers = Select(surplus => -surplus);
        var transfers = new List<SlotTransfer>();
        var next = 0;
        var filled = 0;
        foreach (var donor in donors)
        {
            var left = donor.Shard.Slots;
            for (var surplus = donor.Count; surplus > 0;)
            {
                var receiver = receivers[next];
                var slots = left.Take(Math.Min(surplus, receiver.Count - filled));
                transfers.Add(new SlotTransfer(donor.Shard.Shard, receiver.Shard.Shard, slots));
                left = left.Except(slots);
                surplus -= slots.Count;
                filled += slots.Count;
                if (filled == receiver.Count)
                {
                    next++;
                    filled = 0;
                }
            }
        }

        return transfers;

        // By index, whatever the counts are: planned again half-way, each slot then goes where it would have gone, and long ranges arrive in one piece.
        List<(ShardShare Shard, int Count)> Select(Func<int, int> count) =>
        [
            .. shards
                .Select((shard, index) => (Shard: shard, Count: count(shard.Slots.Count - targets[index])))
                .Where(candidate => candidate.Count > 0)
                .OrderBy(candidate => candidate.Shard.Shard),
        ];
    }

    /// <summary>Whether no shard is further from its share than tolerated, and none that shall own some owns nothing.</summary>
    /// <param name="shards">The shards, each once.</param>
    /// <param name="tolerancePercent">How far from its share a shard may be, in percent of it; one slot is always tolerated.</param>
    public static bool IsLevel(IReadOnlyList<ShardShare> shards, int tolerancePercent)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var weights = Weights(shards);
        var slots = shards.Sum(shard => shard.Slots.Count);
        return weights == 0 || shards.All(shard =>
        {
            var share = (double)slots * shard.Weight / weights;
            return Math.Abs(shard.Slots.Count - share) <= (shard.Weight == 0 ? 0 : Math.Max(1, share * tolerancePercent / 100))
                && (shard.Weight == 0 || !shard.Slots.IsEmpty || share < 1);
        });
    }

    /// <summary>
    /// Shares slots out by weight. What is left by rounding goes, one slot each, to those that own most beyond their rounded share: whoever gave
    /// or took on the way keeps its target, or two plans in a row would move a slot there and back.
    /// </summary>
    static IEnumerable<(ShardShare Shard, int Share)> ShareOut(List<ShardShare> shards, long slots)
    {
        var weights = Weights(shards);
        var rounded = shards.Select(shard => (Shard: shard, Share: (int)(slots * shard.Weight / weights))).ToList();
        var left = slots - rounded.Sum(candidate => candidate.Share);
        return rounded
            .OrderByDescending(candidate => candidate.Shard.Slots.Count - candidate.Share)
            .ThenBy(candidate => candidate.Shard.Shard)
            .Select((candidate, place) => (candidate.Shard, candidate.Share + (place < left ? 1 : 0)));
    }

    static long Weights(IReadOnlyList<ShardShare> shards) => shards.Sum(shard => (long)shard.Weight);
}
