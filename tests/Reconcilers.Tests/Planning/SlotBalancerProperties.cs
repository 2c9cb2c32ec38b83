using FsCheck;
using FsCheck.Fluent;
using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Planning;

/// <summary>What holds for any number of shards, however slots are spread over them.</summary>
public sealed class SlotBalancerProperties
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(400);

    /// <summary>Clusters of up to 12 shards, 1 to 3 in weight or to be drained; every slot belongs to some shard, in patches or slot by slot.</summary>
    static Arbitrary<Case> Cases { get; } = (
        from weights in Gen.Choose(0, 3).NonEmptyListOf()
        let count = Math.Min(weights.Count, 12)
        from owners in Gen.Choose(0, count - 1).ArrayOf(64)
        from patch in Gen.Elements(1, 16, 256)
        from levels in Gen.Elements(true, false)
        select new Case(Build([.. weights.Take(count)], owners, patch), levels)).ToArbitrary();

    [Fact]
    public void Every_slot_stays_and_targets_are_met() => Check(test =>
    {
        var targets = SlotBalancer.Targets(test.Shards, test.Levels);
        var after = Apply(test.Shards, SlotBalancer.Plan(test.Shards, test.Levels), int.MaxValue);

        Assert.Equal(SlotSet.SlotCount, targets.Sum());
        Assert.Equal(targets, after.Select(shard => shard.Slots.Count));
        Assert.Equal(SlotSet.Full, after.Aggregate(SlotSet.Empty, (all, shard) => all.Union(shard.Slots)));
    });

    [Fact]
    public void No_plan_that_shares_out_as_fairly_moves_fewer_slots() => Check(test =>
    {
        long weights = test.Shards.Sum(shard => shard.Weight);
        if (!test.Levels || weights == 0)
        {
            return;
        }

        // Whoever owns more than its rounded share may keep one of what rounding left over, and that is all there is to save.
        var rounded = test.Shards.Select(shard => (int)(SlotSet.SlotCount * (long)shard.Weight / weights)).ToList();
        var surplus = test.Shards.Zip(rounded, (shard, share) => Math.Max(0, shard.Slots.Count - share)).Sum();
        var above = test.Shards.Zip(rounded, (shard, share) => shard.Weight > 0 && shard.Slots.Count > share).Count(isAbove => isAbove);
        var fewest = surplus - Math.Min(SlotSet.SlotCount - rounded.Sum(), above);

        Assert.Equal(fewest, SlotBalancer.Plan(test.Shards, levels: true).Sum(transfer => transfer.Slots.Count));
    });

    [Fact]
    public void Planned_again_half_way_no_slot_moves_twice() =>
        Prop.ForAll(Cases, Gen.Choose(0, 3000).ListOf().ToArbitrary(), (test, parts) =>
        {
            var shards = test.Shards;
            var planned = SlotBalancer.Plan(shards, test.Levels).Sum(transfer => transfer.Slots.Count);
            var moved = SlotSet.Empty;
            foreach (var part in parts)
            {
                var transfers = SlotBalancer.Plan(shards, test.Levels);
                var movedNow = transfers.Aggregate(SlotSet.Empty, (all, transfer) => all.Union(transfer.Slots.Take(part)));
                Assert.False(movedNow.Overlaps(moved), "a slot moved twice");
                moved = moved.Union(movedNow);
                shards = Apply(shards, transfers, part);
            }

            Assert.Equal(planned, moved.Count + SlotBalancer.Plan(shards, test.Levels).Sum(transfer => transfer.Slots.Count));
        }).Check(Often);

    /// <summary>Whatever part of each transfer was made, the rest of it is planned as before: ranges do not fall to pieces.</summary>
    [Fact]
    public void Planned_again_half_way_each_slot_goes_where_it_would_have_gone() =>
        Prop.ForAll(Cases, Gen.Choose(0, 3000).ArrayOf(8).ToArbitrary(), (test, parts) =>
        {
            var before = SlotBalancer.Plan(test.Shards, test.Levels);
            List<SlotTransfer> made = [.. before.Select((transfer, index) => transfer with { Slots = transfer.Slots.Take(parts[index % 8]) })];
            var shards = Apply(test.Shards, made, int.MaxValue);
            if (!SlotBalancer.Targets(shards, test.Levels).SequenceEqual(SlotBalancer.Targets(test.Shards, test.Levels)))
            {
                return; // one that was given what rounding left over changed place with another
            }

            var rest = before.Zip(made, (transfer, part) => transfer with { Slots = transfer.Slots.Except(part.Slots) }).Where(transfer => !transfer.Slots.IsEmpty);
            Assert.Equal(rest, SlotBalancer.Plan(shards, test.Levels));
        }).Check(Often);

    [Fact]
    public void Without_levelling_only_drained_shards_give_and_the_poorest_receive() => Check(test =>
    {
        if (test.Shards.All(shard => shard.Weight == 0))
        {
            return;
        }

        var transfers = SlotBalancer.Plan(test.Shards, levels: false);
        var after = Apply(test.Shards, transfers, int.MaxValue);

        Assert.All(transfers, transfer => Assert.Equal(0, test.Shards[transfer.From].Weight));
        Assert.All(after, shard => Assert.True(shard.Weight > 0 || shard.Slots.IsEmpty));

        // Nobody received who is, by more than rounding, better off than somebody else.
        foreach (var receiver in transfers.Select(transfer => after[transfer.To]).Distinct())
        {
            Assert.All(after.Where(other => other.Weight > 0), other =>
                Assert.True((receiver.Slots.Count - 1) * other.Weight <= (other.Slots.Count + 1) * receiver.Weight, $"{receiver} received before {other}"));
        }
    });

    [Fact]
    public void The_order_of_the_shards_makes_no_difference() => Check(test => Assert.Equal(
        SlotBalancer.Plan(test.Shards, test.Levels),
        SlotBalancer.Plan([.. test.Shards.Reverse()], test.Levels)));

    static void Check(Action<Case> holds) => Prop.ForAll(Cases, holds).Check(Often);

    static List<ShardShare> Apply(IReadOnlyList<ShardShare> shards, IReadOnlyList<SlotTransfer> transfers, int part) =>
    [
        .. shards.Select(shard => shard with
        {
            Slots = transfers.Aggregate(shard.Slots, (slots, transfer) =>
                transfer.From == shard.Shard ? slots.Except(transfer.Slots.Take(part))
                : transfer.To == shard.Shard ? slots.Union(transfer.Slots.Take(part))
                : slots),
        }),
    ];

    static List<ShardShare> Build(IReadOnlyList<int> weights, int[] owners, int patch)
    {
        var slots = weights.Select(_ => new SlotSetBuilder()).ToList();
        for (var slot = 0; slot < SlotSet.SlotCount; slot++)
        {
            slots[owners[slot / patch % owners.Length]].Add(slot);
        }

        return [.. weights.Select((weight, shard) => new ShardShare(shard, slots[shard].Build(), weight))];
    }

    sealed record Case(IReadOnlyList<ShardShare> Shards, bool Levels);
}
