using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Rung 8: what a move leaves behind that nobody remembers.</summary>
public sealed class OpenSlotTests
{
    const int Slot = 100;

    /// <summary>Every combination of marks on owner, target and a third one, with keys or without on each.</summary>
    public static TheoryData<bool, bool, bool, bool, bool, bool> Combinations()
    {
        var data = new TheoryData<bool, bool, bool, bool, bool, bool>();
        for (var bits = 1; bits < 64; bits++)
        {
            data.Add((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task Every_half_of_a_move_is_finished_or_closed(bool migrating, bool importing, bool thirdImporting, bool keyAtOwner, bool keyAtTarget, bool keyAtThird)
    {
        var world = await HealthyCluster.CreateAsync(replicas: 0);
        var owner = world.Server("orders-0-0");
        var target = world.Server("orders-1-0");
        var third = world.Server("orders-2-0");
        if (migrating)
        {
            owner.Open(Slot, migratingTo: target.Id);
        }

        if (importing)
        {
            target.Open(Slot, importingFrom: owner.Id);
        }

        if (thirdImporting)
        {
            third.Open(Slot, importingFrom: owner.Id);
        }

        foreach (var (server, hasKey) in new[] { (owner, keyAtOwner), (target, keyAtTarget), (third, keyAtThird) })
        {
            if (hasKey)
            {
                world.Ledger.WriteTo(server, world.Ledger.NewKey(Slot));
            }
        }

        if (keyAtTarget && keyAtThird && (migrating || importing || thirdImporting))
        {
            await world.RunAsync();
            world.Ledger.AssertNoKeyLost();
            Assert.Equal("SlotConflict", world.Condition("Stalled").Reason);
            Assert.Contains("100", world.Condition("Stalled").Message, StringComparison.Ordinal);
            return;
        }

        await world.SettleAsync();

        world.Ledger.AssertNoKeyLost();
        if (migrating || importing || thirdImporting)
        {
            world.Ledger.AssertWhole(3, 0);
        }
    }

    [Fact]
    public async Task Thousands_of_open_slots_are_closed_in_one_pass()
    {
        var world = await HealthyCluster.CreateAsync(replicas: 0);
        var owner = world.Server("orders-0-0");
        foreach (var slot in owner.Slots.Take(4000))
        {
            owner.Open(slot, migratingTo: world.Server("orders-1-0").Id);
        }

        await world.PassAsync();

        Assert.True(owner.Migrating.IsEmpty);
    }

    /// <summary>The target's shard failed over in the middle: its new master has the keys and knows of no move.</summary>
    [Fact]
    public async Task A_move_whose_target_failed_over_is_finished_at_its_successor()
    {
        var world = await HealthyCluster.CreateAsync();
        var source = world.Server("orders-0-0");
        var target = world.Server("orders-1-0");
        source.Open(Slot, migratingTo: target.Id);
        target.Open(Slot, importingFrom: source.Id);
        world.Ledger.WriteTo(source, world.Ledger.NewKey(Slot));
        world.Ledger.WriteTo(target, world.Ledger.NewKey(Slot));
        world.Redis.Replicate();
        world.Server("orders-1-1").Elect();
        world.Redis.Gossip();

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.True(world.Server("orders-1-1").Slots.Contains(Slot));
    }

    /// <summary>The source's shard failed over in the middle: its new master owns the slot and knows of no move.</summary>
    [Fact]
    public async Task A_move_whose_source_failed_over_is_finished_by_its_successor()
    {
        var world = await HealthyCluster.CreateAsync();
        var source = world.Server("orders-0-0");
        var target = world.Server("orders-1-0");
        source.Open(Slot, migratingTo: target.Id);
        target.Open(Slot, importingFrom: source.Id);
        world.Ledger.WriteTo(source, world.Ledger.NewKey(Slot));
        world.Ledger.WriteTo(target, world.Ledger.NewKey(Slot));
        world.Redis.Replicate();
        world.Server("orders-0-1").Elect();
        world.Redis.Gossip();

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Valkey #998: a replica may be left with a mark that it lets nobody take away.</summary>
    [Fact]
    public async Task A_mark_on_a_replica_is_left_alone()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-1-1").Open(Slot, importingFrom: world.Server("orders-0-0").Id);
        var writes = world.Writes;

        await world.PassAsync();

        Assert.Equal(writes, world.Writes);
        Assert.Equal("True", world.Condition("Ready").Status);
    }

    /// <summary>Law 9: while the owner is silent nobody knows what it says of the slot.</summary>
    [Fact]
    public async Task Nothing_is_closed_while_the_owner_is_silent()
    {
        var world = await HealthyCluster.CreateAsync();
        var owner = world.Server("orders-0-0");
        var target = world.Server("orders-1-0");
        owner.Open(Slot, migratingTo: target.Id);
        target.Open(Slot, importingFrom: owner.Id);
        owner.IsCutOff = true;

        await world.RunAsync();

        Assert.True(target.Importing.Contains(Slot));
        owner.IsCutOff = false;
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Law 9: the target may have been given keys, so its clients are still sent to it; its replica, once elected, has them and knows of no move.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_slot_stays_open_while_its_target_is_silent(bool isReplaced)
    {
        var world = await HealthyCluster.CreateAsync();
        var owner = world.Server("orders-0-0");
        var target = world.Server("orders-1-0");
        owner.Open(Slot, migratingTo: target.Id);
        target.Open(Slot, importingFrom: owner.Id);
        world.Ledger.WriteTo(target, world.Ledger.NewKey(Slot));
        world.Redis.Replicate();
        target.IsCutOff = true;

        await world.RunAsync();

        Assert.True(owner.Migrating.Contains(Slot));
        Assert.Contains($"node {target.Id} did not say", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        if (isReplaced)
        {
            world.Server("orders-1-1").Elect();
            await world.RunAsync();
            Assert.True(world.Server("orders-1-1").Slots.Contains(Slot));
        }

        target.IsCutOff = false;
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>A new shard's master is gone for good before it owned its first slot: nobody elects its replica, which has the only copy of the keys that it was given.</summary>
    [Fact]
    public async Task The_replica_of_a_target_that_never_owned_a_slot_keeps_its_copy()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.ChangeAsync(spec => spec with { Shards = 4, Rebalance = new() { Mode = Entities.RebalanceMode.Manual } });
        await world.SettleAsync();
        var owner = world.Server("orders-0-0");
        var target = world.Server("orders-3-0");
        Assert.True(target.Slots.IsEmpty);
        owner.Open(Slot, migratingTo: target.Id);
        target.Open(Slot, importingFrom: owner.Id);
        world.Ledger.WriteTo(target, world.Ledger.NewKey(Slot));
        world.Redis.Replicate();
        await world.DeletePodAsync("orders-3-0");

        await world.RunAsync();

        world.Ledger.AssertNoKeyLost();
        Assert.True(owner.Migrating.Contains(Slot));
        Assert.Contains("its copy may be the last one", world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever a replaced master comes back with is discarded, so nobody has to wait for its pod.</summary>
    [Fact]
    public async Task A_slot_without_keys_is_closed_when_its_silent_target_was_replaced()
    {
        var world = await HealthyCluster.CreateAsync();
        var owner = world.Server("orders-0-0");
        var target = world.Server("orders-1-0");
        owner.Open(Slot, migratingTo: target.Id);
        target.Open(Slot, importingFrom: owner.Id);
        target.IsCutOff = true;
        world.Server("orders-1-1").Elect();

        await world.RunAsync();

        Assert.True(owner.Migrating.IsEmpty);
        target.IsCutOff = false;
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }
}
