using Slotwise.Entities;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Failover;

/// <summary>Shards of which nothing is left, and whole clusters.</summary>
public sealed class LostShardTests
{
    static readonly SlotSet Second = SlotSet.FromRange(5461, 10922);

    [Fact]
    public async Task A_shard_whose_pods_were_replaced_is_left_to_the_user_by_default()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.DeletePodAsync("orders-1-0");
        await world.DeletePodAsync("orders-1-1");

        await world.RunAsync();

        Assert.Equal("SlotsLost", world.Condition("Stalled").Reason);
        Assert.Contains("spec.recovery.lostSlots to Reassign", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.All(world.Redis.Servers, server => Assert.False(server.Slots.Overlaps(Second)));
    }

    [Fact]
    public async Task Its_slots_are_served_empty_where_the_user_has_it_so()
    {
        var world = await ReassigningAsync();
        await world.DeletePodAsync("orders-1-0");
        await world.DeletePodAsync("orders-1-1");

        await world.SettleAsync();

        Assert.Equal(Second, world.Server("orders-1-0").Slots);
        Assert.Contains(world.Events, line => line.StartsWith("Warning SlotsReassigned: orders-1-0 was given slots 5461-10922 empty", StringComparison.Ordinal));
        world.Ledger.Forget(Second);
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Its old processes may live, with all its keys, on hosts that nobody reaches.</summary>
    [Fact]
    public async Task They_are_not_while_the_keys_may_be_on_a_host_that_is_silent()
    {
        var world = await ReassigningAsync();
        await world.Hosts.ReportAsync("host-1", "Unknown");
        await world.DeletePodAsync("orders-1-0");
        await world.DeletePodAsync("orders-1-1");

        await world.RunAsync();
        Assert.All(world.Redis.Servers, server => Assert.False(server.Slots.Overlaps(Second)));
        Assert.Contains("their keys may be with orders-1-0", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        await world.Hosts.DeleteAsync("host-1");
        await world.SettleAsync();

        Assert.Equal(Second, world.Server("orders-1-0").Slots);
    }

    [Fact]
    public async Task They_are_not_while_a_replica_lives()
    {
        var world = await ReassigningAsync();
        world.Server("orders-1-1").IsSyncHeld = true;
        await world.PassAsync();
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.DeletePodAsync("orders-1-0");

        await world.RunAsync();

        Assert.Equal("StaleReplica", world.Condition("Stalled").Reason);
        Assert.All(world.Redis.Servers, server => Assert.False(server.Slots.Overlaps(Second)));
    }

    /// <summary>Nothing is left that waiting could bring back, so nobody is asked.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public async Task A_cluster_in_memory_of_which_all_pods_were_deleted_starts_anew(int shards, int replicas)
    {
        var world = await HealthyCluster.CreateAsync(shards, replicas);
        foreach (var pod in world.Caches.Pods.List())
        {
            await world.DeletePodAsync(pod.Metadata.Name!);
        }

        await world.SettleAsync();

        Assert.Contains(world.Events, line => line.StartsWith("Warning SlotsReassigned:", StringComparison.Ordinal));
        world.Ledger.Forget(SlotSet.Full);
        world.Ledger.AssertWhole(shards, replicas);
    }

    [Fact]
    public async Task It_does_not_while_a_host_with_an_old_process_is_silent()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.Hosts.ReportAsync("host-0", "Unknown");
        foreach (var pod in world.Caches.Pods.List())
        {
            await world.DeletePodAsync(pod.Metadata.Name!);
        }

        await world.RunAsync();
        Assert.All(world.Redis.Servers, server => Assert.True(server.Slots.IsEmpty));
        Assert.Contains("their keys may be with orders-0-0", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        await world.Hosts.ReportAsync("host-0", "True");
        await world.SettleAsync();

        world.Ledger.Forget(SlotSet.Full);
        world.Ledger.AssertWhole(3, 1);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public async Task A_cluster_with_volumes_of_which_all_pods_were_deleted_has_every_key(int shards, int replicas)
    {
        var world = await HealthyCluster.CreateAsync(shards, replicas, hasVolumes: true);
        for (var time = 0; time < 3; time++)
        {
            foreach (var pod in world.Caches.Pods.List())
            {
                await world.DeletePodAsync(pod.Metadata.Name!);
            }

            await world.SettleAsync();
            world.Ledger.AssertWhole(shards, replicas);
        }
    }

    /// <summary>Law 8: the operator may die before and after every single write.</summary>
    [Fact]
    public async Task Operators_that_die_start_a_cluster_anew_as_well()
    {
        var undisturbed = await GoneAsync();
        var before = undisturbed.Writes;
        await undisturbed.SettleAsync();
        var writes = undisturbed.Writes - before;

        for (var write = 1; write <= writes; write++)
        {
            foreach (var isAfter in (bool[])[false, true])
            {
                var world = await GoneAsync();
                Crashes.At(world, write, isAfter);
                await world.SettleThroughCrashesAsync();
                world.Ledger.AssertWhole(2, 1);
            }
        }

        static async Task<ClusterWorld> GoneAsync()
        {
            var world = await HealthyCluster.CreateAsync(shards: 2);
            foreach (var pod in world.Caches.Pods.List())
            {
                await world.DeletePodAsync(pod.Metadata.Name!);
            }

            world.Ledger.Forget(SlotSet.Full);
            return world;
        }
    }

    /// <summary>The replica's host is gone for good while the master, restarted without its keys, waits for it.</summary>
    [Theory]
    [InlineData(LostSlotsPolicy.Manual)]
    [InlineData(LostSlotsPolicy.Reassign)]
    public async Task A_server_at_its_gate_is_let_in_when_nobody_is_left_who_has_its_keys(LostSlotsPolicy policy)
    {
        var world = await ReassigningAsync();
        await world.ChangeAsync(spec => spec with { Recovery = new RedisClusterRecovery { LostSlots = policy } });
        var master = world.Server("orders-0-0").Id;
        await world.LoseHostAsync("host-1");
        await world.HoldContainerAsync("orders-0-0");

        await world.RunAsync();
        Assert.Null(Annotation());
        await world.Hosts.TaintAsync("host-1");
        await world.RunAsync();

        Assert.Equal(policy == LostSlotsPolicy.Reassign ? master.ToString() : null, Annotation());

        string? Annotation() => world.Pod("orders-0-0").Metadata.Annotations?.GetValueOrDefault("slotwise.dev/start-empty");
    }

    static async Task<ClusterWorld> ReassigningAsync()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.ChangeAsync(spec => spec with { Recovery = new RedisClusterRecovery { LostSlots = LostSlotsPolicy.Reassign } });
        return world;
    }
}
