using Slotwise.Entities;

namespace Slotwise.Reconcilers.Tests.Passes.Rolling;

/// <summary>Pods are replaced one shard at a time, replicas first and masters after they handed over, and no key is lost.</summary>
public sealed class RollingTests
{
    [Theory]
    [InlineData(3, 1, false)]
    [InlineData(3, 1, true)]
    [InlineData(1, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(2, 2, false)]
    [InlineData(2, 0, true)]
    [InlineData(1, 0, true)]
    public async Task Every_pod_gets_the_new_image_and_every_key_stays(int shards, int replicas, bool hasVolumes)
    {
        var world = await Rolls.FilledAsync(shards, replicas, hasVolumes);
        var oracle = RollOracle.Watch(world);

        await Rolls.SetImageAsync(world, Rolls.New);
        await world.SettleAsync(Rolls.Rounds);

        Rolls.AssertRolled(world, shards, replicas, Rolls.New);
        Assert.Equal(shards * (1 + replicas), oracle.Ended.Count);
        Assert.Equal(shards * Math.Min(1, replicas), world.Redis.Writes.Count(write => write.Contains("FAILOVER", StringComparison.Ordinal)));
        Assert.Contains(world.Events, line => line.StartsWith("Normal PodReplaced: orders-0-0 is replaced: image redis:7.0 -> redis:7.0.9", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Events, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Roles_are_those_that_the_servers_have_and_not_those_of_the_names()
    {
        var world = await Rolls.FilledAsync(1, 2);
        world.Server("orders-0-2").Elect();
        world.Redis.Gossip();
        world.Redis.Gossip();
        await world.SettleAsync();
        var oracle = RollOracle.Watch(world);

        await Rolls.SetImageAsync(world, Rolls.New);
        await world.SettleAsync(Rolls.Rounds);

        Assert.Equal(["orders-0-1", "orders-0-0", "orders-0-2"], oracle.Ended);
        Rolls.AssertRolled(world, 1, 2, Rolls.New);
    }

    [Fact]
    public async Task The_status_says_what_goes_on_why_and_how_much_is_left()
    {
        var world = await Rolls.FilledAsync(3, 1);
        await Rolls.SetImageAsync(world, Rolls.New);

        await world.PassAsync();
        await world.RunKubeletAsync();
        await world.PassAsync();

        Assert.Equal("Updating", world.Status.Operation?.Kind);
        Assert.Equal(6, world.Status.Operation?.PodsRemaining);
        Assert.Equal("Updating", world.Condition("Ready").Reason);
        Assert.Contains("updating (image redis:7.0 -> redis:7.0.9): 6 pods are still to be replaced, now of shard 0", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        var start = world.Status.Operation?.StartTime;
        await Rolls.RunAsync(world, 6);
        Assert.Equal(start, world.Status.Operation?.StartTime);
        Assert.InRange(world.Status.Operation!.PodsRemaining!.Value, 1, 5);
    }

    [Fact]
    public async Task A_restart_is_asked_for_by_a_new_value_and_by_nothing_else()
    {
        var world = await Rolls.FilledAsync(2, 1);
        var oracle = RollOracle.Watch(world);

        await world.AnnotateAsync(RedisClusterAnnotations.Restart, "monday");
        await world.SettleAsync(Rolls.Rounds);
        Assert.Equal(4, oracle.Ended.Count);
        Assert.Contains(world.Events, line => line.Contains("is replaced: restart as requested", StringComparison.Ordinal));

        await world.AnnotateAsync(RedisClusterAnnotations.Restart, null);
        await world.SettleAsync();
        await world.AnnotateAsync(RedisClusterAnnotations.Restart, "monday");
        await world.SettleAsync();
        Assert.Equal(4, oracle.Ended.Count);

        await world.AnnotateAsync(RedisClusterAnnotations.Restart, "tuesday");
        await world.SettleAsync(Rolls.Rounds);
        Assert.Equal(8, oracle.Ended.Count);
        Rolls.AssertRolled(world, 2, 1, Rolls.Old);
    }

    [Fact]
    public async Task While_updates_are_paused_no_pod_is_replaced_and_the_cluster_is_ready()
    {
        var world = await Rolls.FilledAsync(2, 1);
        var before = Rolls.Uids(world);

        await world.ChangeAsync(spec => spec with { Image = Rolls.New, Update = spec.Update with { Paused = true } });
        await world.SettleAsync();

        Assert.Equal(before, Rolls.Uids(world));
        Assert.Contains("4 pods are to be replaced (image redis:7.0 -> redis:7.0.9)", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        await world.ChangeAsync(spec => spec with { Update = spec.Update with { Paused = false } });
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 2, 1, Rolls.New);
    }

    [Fact]
    public async Task An_update_that_is_paused_half_way_stays_half_way()
    {
        var world = await Rolls.FilledAsync(3, 1);
        await Rolls.SetImageAsync(world, Rolls.New);
        await Rolls.RunAsync(world, 8);

        await world.ChangeAsync(spec => spec with { Update = spec.Update with { Paused = true } });
        await world.SettleAsync();
        var before = Rolls.Uids(world);
        await Rolls.RunAsync(world, 20);

        Assert.Equal(before, Rolls.Uids(world));
        Assert.Contains(world.Caches.Pods.List(), pod => Rolls.ImageOf(pod) == Rolls.New);
        Assert.Contains(world.Caches.Pods.List(), pod => Rolls.ImageOf(pod) == Rolls.Old);
    }

    /// <summary>Of five masters two may be missing.</summary>
    [Theory]
    [InlineData(5, 2, 2)]
    [InlineData(5, 50, 2)]
    [InlineData(3, 2, 1)]
    [InlineData(2, 2, 1)]
    public async Task Several_shards_are_replaced_at_a_time_if_asked_for_and_never_half_of_them(int shards, int maxParallel, int expected)
    {
        var world = await Rolls.FilledAsync(shards, 1, maxParallel: maxParallel);
        var oracle = RollOracle.Watch(world, expected);

        await Rolls.SetImageAsync(world, Rolls.New);
        await world.SettleAsync(Rolls.Rounds);

        Rolls.AssertRolled(world, shards, 1, Rolls.New);
        Assert.Equal(expected, oracle.MostDisturbed);
    }

    /// <summary>Law 10: its keys are nowhere else.</summary>
    [Fact]
    public async Task A_master_without_replica_and_volume_is_not_replaced_before_the_user_decides()
    {
        var world = await Rolls.FilledAsync(2, 0);
        var before = Rolls.Uids(world);

        await Rolls.SetImageAsync(world, Rolls.New);
        await Rolls.RunAsync(world, 20);

        Assert.Equal(before, Rolls.Uids(world));
        Assert.Equal("WouldLoseKeys", world.Condition("Stalled").Reason);
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 2, 1, Rolls.New);
    }

    [Fact]
    public async Task No_pod_is_replaced_while_another_shard_lacks_a_copy()
    {
        var world = await Rolls.FilledAsync(3, 1);
        world.Server("orders-2-1").IsSyncHeld = true;
        await world.DeletePodAsync("orders-2-1");
        await world.RunKubeletAsync();
        world.Server("orders-2-1").IsSyncHeld = true;
        await Rolls.RunAsync(world, 10);
        var before = Rolls.Uids(world);

        await Rolls.SetImageAsync(world, Rolls.New);
        await Rolls.RunAsync(world, 20);

        Assert.Equal(before, Rolls.Uids(world));
        world.Server("orders-2-1").IsSyncHeld = false;
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 3, 1, Rolls.New);
    }

    /// <summary>Its server answers and is in sync before its kubelet calls it ready; with a template that breaks the probe it never does.</summary>
    [Theory]
    [InlineData("orders-0-1")]
    [InlineData("orders-0-0")]
    public async Task No_pod_is_replaced_while_one_of_another_shard_is_not_ready_for_its_kubelet(string unready)
    {
        var world = await Rolls.FilledAsync(3, 1);
        var oracle = RollOracle.Watch(world);
        world.Unready.Add(unready);

        await Rolls.SetImageAsync(world, Rolls.New);
        await Rolls.RunAsync(world, 60);

        Assert.Equal(unready, oracle.Ended[^1]);
        Assert.All(oracle.Ended, pod => Assert.StartsWith("orders-0-", pod, StringComparison.Ordinal));
        Assert.Contains($"{unready} is not ready", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        await world.BecomeReadyAsync(unready);
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 3, 1, Rolls.New);
    }

    [Fact]
    public async Task Shards_and_image_change_together()
    {
        var world = await Rolls.FilledAsync(3, 1);
        RollOracle.Watch(world);

        await world.ChangeAsync(spec => spec with { Shards = 4, Image = Rolls.New });
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 4, 1, Rolls.New);

        await world.ChangeAsync(spec => spec with { Shards = 2, Image = Rolls.Old });
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 2, 1, Rolls.Old);
    }
}
