using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Rung 7: slots that several masters claim, or none, and epochs that keep the truth from being believed.</summary>
public sealed class SlotClaimTests
{
    static readonly SlotSet Some = SlotSet.FromRange(0, 99);

    /// <summary>Whoever has the higher epoch: the one that holds the keys must win.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task Slots_that_two_masters_claim_go_to_the_one_with_their_keys(long epoch)
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-1-0").Claim(Some, epoch);

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.True(Some.IsSubsetOf(world.Server("orders-0-0").Slots));
    }

    [Fact]
    public async Task Of_claims_without_any_keys_one_remains()
    {
        var world = await HealthyCluster.CreateAsync();
        foreach (var server in world.Redis.Servers)
        {
            server.Data.RemoveSlots(SlotSet.Of(7));
        }

        world.Server("orders-1-0").Claim(SlotSet.Of(7));
        await world.SettleAsync();

        Assert.Single(world.Redis.Servers, server => server.Slots.Contains(7));
    }

    /// <summary>Law 10: both hold keys, and only the user can tell whose are right.</summary>
    [Fact]
    public async Task Slots_of_which_two_claimants_hold_keys_are_left_to_the_user()
    {
        var world = await HealthyCluster.CreateAsync();
        var other = world.Server("orders-1-0");
        world.Redis.IsLost = (_, _) => true;
        other.Claim(Some);
        world.Ledger.WriteTo(other, world.Ledger.NewKey(5));
        world.Ledger.Write(world.Ledger.NewKey(5));

        await world.RunAsync();

        Assert.Equal("SlotConflict", world.Condition("Stalled").Reason);
        Assert.Contains("orders-0-0 and orders-1-0", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal("False", world.Condition("Ready").Status);
        Assert.Single(world.Events, entry => entry.StartsWith("Warning SlotConflict", StringComparison.Ordinal));
        world.Ledger.AssertNoKeyLost();
    }

    /// <summary>A failover under way: the old master has not heard of it yet, and Redis itself will tell it.</summary>
    [Fact]
    public async Task Two_masters_of_one_shard_settle_it_by_themselves()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-1-1").Elect();

        await world.PassAsync();
        Assert.Equal("False", world.Condition("Stalled").Status);
        Assert.Equal("False", world.Condition("Ready").Status);
        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.Equal(world.Server("orders-1-1").Id, world.Server("orders-1-0").MasterId);
    }

    /// <summary>M4 of what was measured: a replica that lost its copy must not win what its master still has.</summary>
    [Fact]
    public async Task An_empty_server_gives_up_what_it_won()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Redis.IsLost = (_, _) => true;
        var replica = world.Server("orders-1-1");
        replica.Data.Clear();
        replica.Elect();

        await world.PassAsync();
        world.Redis.IsLost = (_, _) => false;
        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.Equal(world.Server("orders-1-0").Id, replica.MasterId);
    }

    /// <summary>Law 5: it is back with a volume of long ago, and clients have deleted since what it still has.</summary>
    [Fact]
    public async Task An_outdated_claim_does_not_win_because_of_keys_that_were_deleted_since()
    {
        var world = await HealthyCluster.CreateAsync();
        var owner = world.Server("orders-0-0");
        owner.Claim(SlotSet.Empty, epoch: 50);
        world.Redis.Gossip();
        world.Redis.IsLost = (_, _) => true;
        owner.Data.RemoveSlots(Some);
        world.Ledger.Forget(Some);
        var outdated = world.Server("orders-2-0");
        outdated.Restart(keepsKeys: true);
        outdated.Claim(Some);
        outdated.Put(world.Ledger.NewKey(5), "deleted long ago");

        await world.PassAsync();

        Assert.True(Some.IsSubsetOf(owner.Slots));
        Assert.Equal("False", world.Condition("Stalled").Status);
        world.Redis.IsLost = (_, _) => false;
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
        Assert.True(Some.IsSubsetOf(owner.Slots));
        Assert.Equal(0, outdated.Data.CountIn(5));
    }

    /// <summary>Only the two themselves can settle it, when they hear each other: asked again and again they would answer that no epoch is higher.</summary>
    [Fact]
    public async Task An_epoch_that_cannot_be_raised_is_tried_again_without_haste()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Redis.IsLost = (_, _) => true;
        world.Server("orders-0-0").Claim(SlotSet.Empty, epoch: 50);
        world.Server("orders-1-0").Claim(SlotSet.Empty, epoch: 50);

        var again = await world.PassAsync();

        Assert.True(again >= TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(world.Events, entry => entry.Contains("EpochRaised", StringComparison.Ordinal));
        Assert.Contains(world.Redis.Writes, write => write.EndsWith("CLUSTER BUMPEPOCH", StringComparison.Ordinal));
        world.Redis.IsLost = (_, _) => false;
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    [Fact]
    public async Task A_master_that_lost_its_slots_gets_them_back()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-1-0").LoseSlots();

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.Equal("5461-10922", world.Server("orders-1-0").Slots.ToString());
    }

    /// <summary>It lost them and somebody else has the keys by now.</summary>
    [Fact]
    public async Task A_master_that_lost_its_slots_gets_none_back_that_its_replica_took_over()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-1-1").Elect();
        world.Server("orders-1-0").LoseSlots();

        await world.RunAsync();

        // It may hold writes that its replica never got, so it is not made a copy of that either.
        Assert.Equal("UnexpectedKeys", world.Condition("Stalled").Reason);
        Assert.True(world.Server("orders-1-0").Slots.IsEmpty);
        Assert.Equal("5461-10922", world.Server("orders-1-1").Slots.ToString());
        world.Ledger.AssertNoKeyLost();
    }

    [Fact]
    public async Task Slots_that_everybody_forgot_go_to_where_their_keys_are()
    {
        var world = await HealthyCluster.CreateAsync();
        foreach (var server in world.Redis.Servers)
        {
            server.Lose(Some);
        }

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.True(Some.Intersect(world.Server("orders-0-0").Data.Slots).IsSubsetOf(world.Server("orders-0-0").Slots));
    }

    [Fact]
    public async Task Slots_without_keys_that_everybody_forgot_go_to_those_with_fewest()
    {
        var world = await HealthyCluster.CreateAsync();
        var slots = SlotSet.FromRange(0, 5000);
        world.Ledger.Forget(slots);
        foreach (var server in world.Redis.Servers)
        {
            server.Data.RemoveSlots(slots);
            server.Lose(slots);
        }

        await world.PassAsync();
        world.Redis.Gossip();

        Assert.InRange(world.Server("orders-0-0").Slots.Count, 5400, 5462);
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Law 9: a pod that does not answer may own them or hold their keys.</summary>
    [Fact]
    public async Task Nobody_gets_slots_while_a_pod_is_silent()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-2-1").IsCutOff = true;
        foreach (var server in world.Redis.Servers)
        {
            server.Lose(Some);
        }

        await world.RunAsync();

        Assert.All(world.Redis.Servers, server => Assert.False(server.Slots.Overlaps(Some)));
        world.Server("orders-2-1").IsCutOff = false;
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Law 10.</summary>
    [Fact]
    public async Task Slots_that_nobody_claims_and_of_which_two_hold_keys_are_left_to_the_user()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Ledger.Write(world.Ledger.NewKey(5));
        world.Ledger.WriteTo(world.Server("orders-1-0"), world.Ledger.NewKey(5));
        foreach (var server in world.Redis.Servers)
        {
            server.Lose(SlotSet.Of(5));
        }

        await world.RunAsync();

        Assert.Equal("SlotConflict", world.Condition("Stalled").Reason);
        world.Ledger.AssertNoKeyLost();
    }

    /// <summary>Nobody believes a claim with a low epoch, and nothing but a higher one helps.</summary>
    [Fact]
    public async Task A_master_that_is_not_believed_gets_a_higher_epoch()
    {
        var world = await HealthyCluster.CreateAsync();
        var owner = world.Server("orders-0-0");
        var other = world.Server("orders-1-0");
        other.Claim(SlotSet.Empty, epoch: 40);
        world.Redis.Gossip();
        foreach (var server in world.Redis.Servers.Where(server => server != owner && server != other))
        {
            server.Misattribute(other.Id, Some, epoch: 40);
        }

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.True(owner.Epoch > 40);
    }

    [Fact]
    public async Task Equal_epochs_that_Redis_did_not_settle_are_settled()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Redis.IsLost = (_, _) => true;
        world.Server("orders-1-0").Claim(SlotSet.Empty, world.Server("orders-0-0").Epoch);

        await world.PassAsync();
        await world.PassAsync();

        Assert.NotEqual(world.Server("orders-0-0").Epoch, world.Server("orders-1-0").Epoch);
    }
}
