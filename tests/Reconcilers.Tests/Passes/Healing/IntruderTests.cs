using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Law 6: two clusters never merge, and rung 3 if they did.</summary>
public sealed class IntruderTests
{
    const string Address = "10.7.7.7";

    /// <summary>The port of this cluster, which another one has only by accident.</summary>
    static readonly int Bus = ClusterPorts.Bus(ClusterWorld.Key);

    [Fact]
    public async Task A_node_that_proved_another_cluster_is_forgotten_by_all_in_one_pass()
    {
        var world = await HealthyCluster.CreateAsync();
        var foreign = Intrude(world);
        world.Redis.Gossip();
        Assert.All(Ours(world), server => Assert.Contains(foreign.Id, server.Known));

        await world.PassAsync();

        Assert.All(Ours(world), server => Assert.DoesNotContain(foreign.Id, server.Known));
        Assert.Contains(world.Events, entry => entry.StartsWith("Warning Intruder", StringComparison.Ordinal) && entry.Contains("10.7.7.7", StringComparison.Ordinal));
        Assert.Equal("Intruder", world.Condition("Stalled").Reason);

        // Its own cluster goes on talking to us; nobody listens.
        world.Redis.Gossip();
        await world.SettleAsync();
        Assert.All(Ours(world), server => Assert.DoesNotContain(foreign.Id, server.Known));
        Assert.Equal("False", world.Condition("Stalled").Status);
        world.Ledger.AssertServed();
    }

    /// <summary>It came with a higher epoch and slots of its own; keys of it are where they belong all the same in the end.</summary>
    [Fact]
    public async Task An_intruder_that_took_slots_is_forgotten_and_the_slots_come_back()
    {
        var world = await HealthyCluster.CreateAsync();
        var free = SlotSet.FromRange(0, 5460).Except(world.Server("orders-0-0").Data.Slots);
        var foreign = Intrude(world);
        foreign.Claim(free, epoch: 99);
        world.Redis.Gossip();
        Assert.False(world.Server("orders-0-0").Slots.Overlaps(free));

        await world.SettleAsync();

        Assert.Equal(SlotSet.Full, Ours(world).Aggregate(SlotSet.Empty, (all, server) => all.Union(server.Slots)));
        world.Ledger.AssertNoKeyLost();
        Assert.All(Ours(world), server => Assert.DoesNotContain(foreign.Id, server.Known));
    }

    /// <summary>Unknown is not foreign: it proves nothing, and it owns slots.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stranger_that_owns_slots_and_proves_nothing_is_never_forgotten(bool answers)
    {
        var world = await HealthyCluster.CreateAsync();
        var unknown = ModelRedis.NewId("unknown");
        if (answers)
        {
            world.Redis.Start(Address, "unknown", "", Bus);
        }

        world.Server("orders-0-1").Remember(unknown, Address, SlotSet.FromRange(0, 10));

        await world.PassAsync();
        await world.PassAsync();

        Assert.Contains(unknown, world.Server("orders-0-1").Known);
        Assert.DoesNotContain(world.Redis.Writes, write => write.Contains("FORGET", StringComparison.Ordinal));
    }

    /// <summary>Somebody else's server is where a node of ours was: its id is not the one that we know.</summary>
    [Fact]
    public async Task A_foreign_server_at_the_address_of_a_ghost_is_not_taken_for_it()
    {
        var world = await HealthyCluster.CreateAsync(replicas: 0);
        var lost = world.Server("orders-1-0");
        await world.DeletePodAsync("orders-1-0");
        var foreign = world.Redis.Start(lost.Address, "foreign", "another-cluster", busPort: 20001);

        await world.RunAsync();

        Assert.Contains(lost.Id, world.Server("orders-0-0").Known);
        Assert.Empty(foreign.Known);
        Assert.Equal("SlotsLost", world.Condition("Stalled").Reason);
    }

    /// <summary>First of all it cannot get in: every cluster gossips at a port of its own.</summary>
    [Fact]
    public async Task A_greeting_that_reaches_the_address_of_another_cluster_is_not_heard_there()
    {
        var world = await HealthyCluster.CreateAsync();
        var foreign = world.Redis.Start(Address, "foreign", "another-cluster", busPort: 20001);
        world.Server("orders-0-0").Execute(ClusterCommands.Meet(Address, 6379, Bus));

        await world.RunAsync();

        Assert.Empty(foreign.Known);
        Assert.DoesNotContain(foreign.Id, world.Server("orders-0-0").Known);
    }

    /// <summary>All pods get new addresses at once, and old ones go to another cluster's pods with the same port by accident.</summary>
    [Fact]
    public async Task Re_used_addresses_do_not_let_another_cluster_in()
    {
        var world = await HealthyCluster.CreateAsync(hasVolumes: true);
        var old = Ours(world).Select(server => server.Address).ToList();
        foreach (var pod in world.Caches.Pods.List().ToList())
        {
            await world.DeletePodAsync(pod.Metadata.Name!);
        }

        var foreigners = old.Select((address, index) => world.Redis.Start(address, $"foreign-{index}", "another-cluster", Bus)).ToList();
        await world.RunKubeletAsync();
        await world.SettleAsync();

        Assert.All(foreigners, foreign => Assert.Empty(foreign.Known));
        world.Redis.Remove(foreigners);
        world.Ledger.AssertWhole(3, 1);
    }

    static ModelServer Intrude(ClusterWorld world)
    {
        var foreign = world.Redis.Start(Address, "foreign", "another-cluster", Bus);
        foreign.Execute(ClusterCommands.Meet(world.Server("orders-0-0").Address, 6379, Bus));
        world.Redis.Gossip();
        return foreign;
    }


    static IEnumerable<ModelServer> Ours(ClusterWorld world) =>
        world.Redis.Servers.Where(server => server.ConfigFile.Contains(world.Cluster.Metadata.Uid!, StringComparison.Ordinal));
}
