using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Rung 9: replicas that follow the wrong master, or none that is there.</summary>
public sealed class FollowingTests
{
    [Fact]
    public async Task A_replica_of_another_shards_master_comes_home()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-0-1").Follow(world.Server("orders-2-0"));
        world.Redis.Gossip();

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.Equal(world.Server("orders-0-0").Id, world.Server("orders-0-1").MasterId);
    }

    [Fact]
    public async Task Replicas_that_were_exchanged_come_home()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-0-1").Follow(world.Server("orders-1-0"));
        world.Server("orders-1-1").Follow(world.Server("orders-0-0"));
        world.Redis.Gossip();

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>It missed the election of its sibling; the master that it follows will not come back, and is remembered because it is followed.</summary>
    [Fact]
    public async Task A_replica_that_missed_an_election_follows_the_winner()
    {
        var world = await HealthyCluster.CreateAsync(replicas: 2);
        var late = world.Server("orders-1-2");
        var gone = world.Server("orders-1-0").Id;
        late.IsCutOff = true;
        await world.DeletePodAsync("orders-1-0");
        world.Server("orders-1-1").Elect();
        world.Redis.Gossip();
        await world.RunAsync();
        late.IsCutOff = false;
        late.Misattribute(world.Server("orders-1-1").Id, world.Server("orders-1-1").Slots, world.Server("orders-1-1").Epoch);

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 2);
        Assert.Equal(world.Server("orders-1-1").Id, late.MasterId);
        Assert.All(world.Redis.Servers, server => Assert.DoesNotContain(gone, server.Known));
    }

    /// <summary>Law 1: its copy may be the last one.</summary>
    [Fact]
    public async Task A_replica_whose_master_is_gone_and_was_not_replaced_keeps_its_copy()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-1-1").IsSyncHeld = true;
        await world.PassAsync();
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.DeletePodAsync("orders-1-0");

        await world.RunAsync();

        Assert.Equal("StaleReplica", world.Condition("Stalled").Reason);
        Assert.NotEqual(0, world.Server("orders-1-1").Keys);
        world.Ledger.AssertNoKeyLost();
        Assert.Equal("False", world.Condition("Ready").Status);
    }
}
