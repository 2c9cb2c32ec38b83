using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes;

public sealed class FormingTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(5, 2)]
    public async Task Forms_a_cluster_of_any_shape(int shards, int replicas)
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster(shards, replicas));

        await world.SettleAsync();

        AssertWhole(world, shards, replicas);
    }

    [Fact]
    public async Task Forms_a_cluster_with_volumes_although_a_pod_is_late()
    {
        var world = new ClusterWorld();
        world.Broken["orders-1-1"] = ("ContainerCreating", "");
        var cluster = ClusterWorld.NewCluster();
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Storage = new RedisClusterStorage { Size = "1Gi" } } });
        await world.PassAsync();
        await world.RunKubeletAsync();

        await world.PassAsync();

        Assert.Equal("5461-10922", world.Server("orders-1-0").Slots.ToString());
    }

    [Fact]
    public async Task A_StatefulSet_that_somebody_deleted_is_made_again()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();

        await world.DeleteStatefulSetAsync("orders-2");
        await world.PassAsync();

        Assert.NotNull(world.Caches.StatefulSets.Get(new NamespacedName("default", "orders-2")));
        Assert.Equal("False", world.Condition("Stalled").Status);
    }

    [Fact]
    public async Task Status_says_what_is_there()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());

        await world.SettleAsync();

        var status = world.Status;
        Assert.Equal("6/6", status.Ready);
        Assert.Equal("16384/16384", status.Slots);
        Assert.Equal(3, status.ShardCount);
        Assert.Equal(["orders-0-0", "orders-1-0", "orders-2-0"], status.Shards.Select(shard => shard.Master));
        Assert.Equal(["orders-0-1", "orders-1-1", "orders-2-1"], status.Shards.SelectMany(shard => shard.Replicas));
        Assert.Equal(["0-5460", "5461-10922", "10923-16383"], status.Shards.Select(shard => shard.Slots));
        Assert.Null(status.Operation);
        Assert.Equal("True", world.Condition("Ready").Status);
        Assert.Equal("False", world.Condition("Reconciling").Status);
        Assert.Equal("False", world.Condition("Stalled").Status);
        Assert.Equal("True", world.Condition("SlotsCovered").Status);
        Assert.Equal("True", world.Condition("ReplicasInSync").Status);
        Assert.Equal("True", world.Condition("Balanced").Status);
    }

    [Fact]
    public async Task A_settled_pass_writes_nothing_and_looks_again_after_a_minute()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();
        var writes = world.Writes;
        var events = world.Events.Count;

        for (var pass = 0; pass < 3; pass++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            var again = await world.PassAsync();
            Assert.InRange(again!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(66));
        }

        Assert.Equal(writes, world.Writes);
        Assert.Equal(events, world.Events.Count);
    }

    [Fact]
    public async Task A_server_that_hesitates_to_serve_is_looked_at_again_soon()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();
        world.Server("orders-1-1").IsServing = false;

        var again = await world.PassAsync();

        Assert.InRange(again!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal("Starting", world.Condition("Ready").Reason);
        Assert.Contains("orders-1-1", world.Condition("Reconciling").Message, StringComparison.Ordinal);

        world.Server("orders-1-1").IsServing = true;
        await world.PassAsync();
        Assert.Equal("True", world.Condition("Ready").Status);
    }

    [Fact]
    public async Task Nodes_that_disagree_are_looked_at_again_soon()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();
        var master = world.Server("orders-0-0");
        world.Server("orders-2-1").Remember(master.Id, master.Address, SlotSet.FromRange(0, 100));

        var again = await world.PassAsync();

        Assert.InRange(again!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal("False", world.Condition("Ready").Status);
        Assert.Equal("True", world.Condition("Reconciling").Status);
    }

    [Fact]
    public async Task A_master_gets_its_slots_while_other_pods_are_not_there_yet()
    {
        var world = new ClusterWorld();
        world.Broken["orders-2-1"] = ("ContainerCreating", "");
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.PassAsync();
        await world.RunKubeletAsync();

        await world.PassAsync();

        Assert.Equal("0-5460", world.Server("orders-0-0").Slots.ToString());
        Assert.Equal("10923-16383", world.Server("orders-2-0").Slots.ToString());
    }

    /// <summary>Law 8: the operator may die before and after every single write, to Kubernetes and to Redis.</summary>
    [Fact]
    public async Task Survives_a_crash_before_and_after_every_write()
    {
        var undisturbed = new ClusterWorld();
        await undisturbed.CreateAsync(ClusterWorld.NewCluster(shards: 2));
        await undisturbed.SettleAsync();
        var writes = undisturbed.Writes;
        Assert.InRange(writes, 20, 100);

        for (var crash = 1; crash <= writes; crash++)
        {
            foreach (var isAfter in (bool[])[false, true])
            {
                var world = new ClusterWorld();
                await world.CreateAsync(ClusterWorld.NewCluster(shards: 2));
                var crashes = Crashes.At(world, crash, isAfter);
                await world.SettleThroughCrashesAsync();
                Assert.Equal(1, crashes());
                AssertWhole(world, 2, 1);
            }
        }
    }

    [Fact]
    public async Task A_refused_write_becomes_a_condition_and_stops_nothing_else()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.CreateStrangerAsync("orders-nodes");

        for (var round = 0; round < 10; round++)
        {
            await world.PassAsync();
            await world.RunKubeletAsync();
            world.Redis.Gossip();
        }

        Assert.Equal("True", world.Condition("Stalled").Status);
        Assert.Contains("Service orders-nodes exists and belongs to nobody", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal("16384/16384", world.Status.Slots);
        Assert.Equal(3, world.Status.Shards.Count(shard => shard.Replicas.Count == 1));
    }

    [Fact]
    public async Task A_pod_that_cannot_start_is_named_with_its_reason()
    {
        var world = new ClusterWorld();
        world.Broken["orders-1-0"] = ("ErrImagePull", "no image redis:9.9; there are redis:7.0");
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.PassAsync();
        await world.RunKubeletAsync();

        await world.PassAsync();

        Assert.Equal("ErrImagePull", world.Condition("Reconciling").Reason);
        Assert.Contains("orders-1-0: ErrImagePull: no image redis:9.9; there are redis:7.0", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        Assert.Equal("ErrImagePull", world.Condition("Ready").Reason);
    }

    [Fact]
    public async Task A_paused_cluster_is_reported_on_and_left_alone()
    {
        var world = new ClusterWorld();
        var cluster = ClusterWorld.NewCluster();
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Paused = true } });

        await world.PassAsync();

        Assert.Empty(world.Caches.StatefulSets.List());
        Assert.Equal("Paused", world.Condition("Ready").Reason);
    }

    [Fact]
    public async Task A_replaced_replica_joins_again()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();

        await world.DeletePodAsync("orders-1-1");
        await world.PassAsync();
        Assert.Equal("False", world.Condition("Ready").Status);
        await world.SettleAsync();

        Assert.Equal(world.Server("orders-1-0").Id, world.Server("orders-1-1").MasterId);
    }

    [Fact]
    public async Task No_secret_is_told()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());

        await world.SettleAsync();

        var status = string.Join(' ', world.Status.Conditions.Select(condition => condition.Message));
        Assert.DoesNotContain("nobody-may-see", string.Join(' ', world.Events) + status, StringComparison.Ordinal);
    }

    static void AssertWhole(ClusterWorld world, int shards, int replicas) => world.Ledger.AssertWhole(shards, replicas);
}
