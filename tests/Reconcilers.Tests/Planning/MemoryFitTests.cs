using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Planning;

public sealed class MemoryFitTests
{
    const long Mebi = 1 << 20;

    [Fact]
    public void What_fits_is_allowed() => Assert.Empty(Find(dataset: 100 * Mebi, used: 50 * Mebi, capacity: 200 * Mebi, replicaUsed: 50 * Mebi));

    /// <summary>Half of the donor's slots move, and so half of its keys: 50 MiB beside 131 MiB, of 180 MiB that may be filled.</summary>
    [Fact]
    public void Ten_percent_are_kept_free()
    {
        var shortage = Assert.Single(Find(dataset: 100 * Mebi, used: 131 * Mebi, capacity: 200 * Mebi, replicaUsed: 0));

        Assert.Equal("orders-1-0", shortage.Server.Server);
        Assert.Equal(50 * Mebi, shortage.Need);
        Assert.Equal(49 * Mebi, shortage.Room);
    }

    [Fact]
    public void The_replica_has_to_take_it_too() =>
        Assert.Equal("orders-1-1", Assert.Single(Find(dataset: 100 * Mebi, used: 10 * Mebi, capacity: 200 * Mebi, replicaUsed: 180 * Mebi)).Server.Server);

    [Fact]
    public void A_server_that_is_over_its_limit_has_no_room() =>
        Assert.Equal(0, Assert.Single(Find(dataset: Mebi, used: 300 * Mebi, capacity: 200 * Mebi, replicaUsed: 0)).Room);

    [Fact]
    public void Without_a_limit_everything_fits() => Assert.Empty(Find(dataset: 1L << 50, used: Mebi, capacity: null, replicaUsed: 0));

    [Fact]
    public void Empty_slots_need_nothing() => Assert.Empty(Find(dataset: 0, used: 300 * Mebi, capacity: 200 * Mebi, replicaUsed: 0));

    /// <summary>Each of two drained shards alone would fit.</summary>
    [Fact]
    public void All_that_comes_counts_together()
    {
        var memory = new SortedDictionary<int, ShardMemory>
        {
            [0] = new(0, 100, [new ServerMemory("orders-0-0", 0, 100 * Mebi)]),
            [1] = new(60 * Mebi, 100, []),
            [2] = new(60 * Mebi, 100, []),
        };
        SlotTransfer[] transfers = [new(1, 0, SlotSet.FromRange(0, 99)), new(2, 0, SlotSet.FromRange(100, 199))];

        Assert.Equal(120 * Mebi, Assert.Single(MemoryFit.FindShortages(transfers, memory)).Need);
        Assert.Empty(MemoryFit.FindShortages(transfers[..1], memory));
    }

    static IReadOnlyList<MemoryShortage> Find(long dataset, long used, long? capacity, long replicaUsed)
    {
        var memory = new SortedDictionary<int, ShardMemory>
        {
            [0] = new(dataset, 200, []),
            [1] = new(0, 0, [new ServerMemory("orders-1-0", used, capacity), new ServerMemory("orders-1-1", replicaUsed, capacity)]),
        };
        return MemoryFit.FindShortages([new SlotTransfer(0, 1, SlotSet.FromRange(0, 99))], memory);
    }
}
