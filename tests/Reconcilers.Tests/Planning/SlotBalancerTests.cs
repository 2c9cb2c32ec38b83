using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Planning;

public sealed class SlotBalancerTests
{
    [Theory]
    [InlineData("5461 5462 5461 0 0", "1 1 1 1 1", "3277 3277 3277 3277 3276")]
    [InlineData("3277 3277 3277 3277 3276", "1 1 1 0 0", "5462 5461 5461 0 0")]
    [InlineData("8192 8192", "3 1", "12288 4096")]
    [InlineData("16384", "1", "16384")]
    [InlineData("0 16384", "0 0", "0 16384")]
    public void Targets_follow_the_weights(string slots, string weights, string targets) =>
        Assert.Equal(Numbers(targets), SlotBalancer.Targets(Shards(slots, weights), levels: true));

    [Theory]
    [InlineData("3277 3277 3277 3277 3276", "1 1 1 0 0", "5462 5461 5461 0 0")]
    [InlineData("10000 3000 0 3384", "1 1 1 0", "10000 3192 3192 0")]
    [InlineData("10000 3000 3000 384", "1 1 1 0", "10000 3192 3192 0")]
    [InlineData("8000 4000 4384", "1 1 1", "8000 4000 4384")]
    public void What_is_drained_goes_to_those_that_own_least_and_nobody_else_gives(string slots, string weights, string targets) =>
        Assert.Equal(Numbers(targets), SlotBalancer.Targets(Shards(slots, weights), levels: false));

    [Fact]
    public void Three_full_shards_fill_three_empty_ones_side_by_side()
    {
        var transfers = SlotBalancer.Plan(Shards("5461 5462 5461 0 0 0", "1 1 1 1 1 1"), levels: true);

        var large = transfers.Where(transfer => transfer.Slots.Count > 1).ToList();
        Assert.Equal([(0, 3), (1, 4), (2, 5)], large.Select(transfer => (transfer.From, transfer.To)));
    }

    [Fact]
    public void A_drained_shard_goes_to_all_survivors()
    {
        var transfers = SlotBalancer.Plan(Shards("4096 4096 4096 4096", "1 1 1 0"), levels: true);

        Assert.All(transfers, transfer => Assert.Equal(3, transfer.From));
        Assert.Equal([(0, 1366), (1, 1365), (2, 1365)], transfers.OrderBy(transfer => transfer.To).Select(transfer => (transfer.To, transfer.Slots.Count)));
    }

    [Theory]
    [InlineData("5461 5462 5461", "1 1 1", 2, true)]
    [InlineData("5461 5462 5461", "1 1 1", 0, true)]
    [InlineData("5400 5523 5461", "1 1 1", 2, true)]
    [InlineData("5300 5623 5461", "1 1 1", 2, false)]
    [InlineData("5400 5523 5461", "1 1 1", 0, false)]
    [InlineData("8192 8191 1", "1 1 0", 50, false)]
    [InlineData("8192 8192 0", "1 1 1", 50, false)]
    public void Small_differences_are_tolerated_but_no_empty_shard_and_no_slot_of_a_drained_one(string slots, string weights, int tolerance, bool isLevel) =>
        Assert.Equal(isLevel, SlotBalancer.IsLevel(Shards(slots, weights), tolerance));

    static int[] Numbers(string text) => [.. text.Split(' ').Select(int.Parse)];

    static List<ShardShare> Shards(string slots, string weights)
    {
        var first = 0;
        var shards = new List<ShardShare>();
        foreach (var (count, weight) in Numbers(slots).Zip(Numbers(weights)))
        {
            shards.Add(new ShardShare(shards.Count, count == 0 ? SlotSet.Empty : SlotSet.FromRange(first, first + count - 1), weight));
            first += count;
        }

        return shards;
    }
}
