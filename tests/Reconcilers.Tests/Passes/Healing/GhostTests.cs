using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Rung 10: node ids that nobody has any more.</summary>
public sealed class GhostTests
{
    static readonly NodeId Ghost = ModelRedis.NewId("gone");

    [Fact]
    public async Task The_id_of_a_replaced_pod_is_forgotten_by_all_within_one_pass()
    {
        var world = await HealthyCluster.CreateAsync();
        var old = world.Server("orders-1-1").Id;

        await world.DeletePodAsync("orders-1-1");
        await world.RunKubeletAsync();
        await world.PassAsync();
        world.Redis.Gossip();
        var before = world.Redis.Writes.Count;
        await world.PassAsync();

        // The newcomer has a more urgent step to do, and forgets what it was just told one pass later.
        Assert.All(Others(world, world.Server("orders-1-1")), server => Assert.DoesNotContain(old, server.Known));
        Assert.Equal(5, world.Redis.Writes.Skip(before).Count(write => write.Contains("FORGET", StringComparison.Ordinal)));
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Gossip of one that was told later must not bring it back.</summary>
    [Fact]
    public async Task A_ghost_that_only_some_know_is_forgotten_for_good()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-2-1").Remember(Ghost, "10.9.9.9", SlotSet.Empty);
        world.Redis.Gossip();

        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Law 9: the pod that does not answer may be it.</summary>
    [Fact]
    public async Task A_node_is_not_forgotten_while_a_pod_that_may_be_it_is_silent()
    {
        var world = await HealthyCluster.CreateAsync();
        var silent = world.Server("orders-2-1");
        silent.IsCutOff = true;

        await world.RunAsync();

        Assert.All(Others(world, silent), server => Assert.Contains(silent.Id, server.Known));
        silent.IsCutOff = false;
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>A pod that cannot be reached must not keep the ids of others for ever: nodes announce whose they are.</summary>
    [Fact]
    public async Task A_silent_pod_keeps_nobody_but_itself_from_being_forgotten()
    {
        var world = await HealthyCluster.CreateAsync();
        var silent = world.Server("orders-2-1");
        var replaced = world.Server("orders-0-1").Id;
        silent.IsCutOff = true;

        await world.DeletePodAsync("orders-0-1");
        await world.RunAsync();

        Assert.All(Others(world, silent), server => Assert.DoesNotContain(replaced, server.Known));
        Assert.All(Others(world, silent), server => Assert.Contains(silent.Id, server.Known));
    }

    /// <summary>Law 1: whoever owns slots is not forgotten, however dead it looks.</summary>
    [Fact]
    public async Task A_lost_master_keeps_its_slots_and_is_a_question_for_the_user()
    {
        var world = await HealthyCluster.CreateAsync(replicas: 0);
        var lost = world.Server("orders-1-0").Id;

        await world.DeletePodAsync("orders-1-0");
        await world.RunAsync();

        Assert.Contains(lost, world.Server("orders-0-0").Known);
        Assert.Equal("SlotsLost", world.Condition("Stalled").Reason);
        Assert.Contains("5461-10922", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.True(world.Server("orders-1-0").Slots.IsEmpty);
    }

    /// <summary>A failed master that is forgotten takes the votes with it that its replica needs (valkey-operator #43).</summary>
    [Fact]
    public async Task A_failed_master_with_a_follower_is_not_forgotten()
    {
        var world = await HealthyCluster.CreateAsync();
        var master = world.Server("orders-1-0").Id;
        var replica = world.Server("orders-1-1");

        await world.DeletePodAsync("orders-1-0");
        replica.IsHidden = true;
        await world.RunAsync();
        Assert.All(world.Redis.Servers.Where(server => server.MasterId is null && !server.Slots.IsEmpty), server => Assert.Contains(master, server.Known));

        replica.IsHidden = false;
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Nobody needs to be told twice, and the ban of 60 s is not the last word.</summary>
    [Fact]
    public async Task What_was_forgotten_stays_so_after_the_ban()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.DeletePodAsync("orders-0-1");
        await world.SettleAsync();
        var writes = world.Writes;

        world.Time.Advance(TimeSpan.FromMinutes(2));
        world.Redis.Gossip();
        await world.PassAsync();

        Assert.Equal(writes, world.Writes);
        world.Ledger.AssertWhole(3, 1);
    }

    static IEnumerable<ModelServer> Others(ClusterWorld world, ModelServer silent) => world.Redis.Servers.Where(server => server != silent);
}
