using Slotwise.Entities;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>More and fewer replicas of each master.</summary>
public sealed class ReplicaTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    public async Task Ends_with_as_many_as_asked_for(int before, int after)
    {
        var world = await Shapes.FilledAsync(3, before);

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = after });
        await world.SettleAsync();

        Shapes.AssertShape(world, 3, after);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task A_master_among_those_that_go_hands_over_first(int after)
    {
        var world = await Shapes.FilledAsync(3, 2);
        await ElectAsync(world, "orders-1-2");

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = after });
        await world.SettleAsync();

        Shapes.AssertShape(world, 3, after);
        Assert.Contains(world.Events, line => line.StartsWith("Normal HandedOver: asked orders-1-", StringComparison.Ordinal));
        Assert.Single(world.Redis.Writes, write => write.Contains("FAILOVER", StringComparison.Ordinal));
    }

    /// <summary>Law 13: what was noted outlives the operator, so no election is asked for twice.</summary>
    [Fact]
    public async Task Whom_to_hand_over_to_is_noted_before_it_is_asked()
    {
        var world = await Shapes.FilledAsync(3, 2);
        await ElectAsync(world, "orders-1-2");
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });
        string? noted = null;
        world.Redis.BeforeWrite = command =>
        {
            if (command.Name == "CLUSTER FAILOVER")
            {
                noted = world.Caches.StatefulSets.List().Single(set => set.Metadata.Name == "orders-1").Metadata.Annotations!.GetValueOrDefault("slotwise.dev/failover");
            }
        };

        await world.SettleAsync();

        Assert.StartsWith($"{world.Server("orders-1-0").Id} ", noted!.Split(", ")[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handover_that_did_not_succeed_is_not_asked_for_again_too_soon()
    {
        var world = await Shapes.FilledAsync(3, 2);
        await ElectAsync(world, "orders-1-2");
        world.Redis.AfterWrite = command =>
        {
            if (command.Name == "CLUSTER FAILOVER")
            {
                throw new OperatorCrashedException();
            }
        };
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });

        await CrashAsync(world);
        world.Server("orders-1-0").AbandonFailover();
        await Shapes.RunAsync(world, 10);

        Assert.Single(world.Redis.Writes, write => write.Contains("FAILOVER", StringComparison.Ordinal));
        Assert.Contains("orders-1-2 may hand over in", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        world.Redis.AfterWrite = null;
        world.Time.Advance(TimeSpan.FromSeconds(31));
        await world.SettleAsync();
        Shapes.AssertShape(world, 3, 1);
    }

    [Theory]
    [InlineData("orders-1-1")]
    [InlineData("orders-1-0")]
    public async Task No_replica_goes_while_one_that_stays_is_not_in_sync(string lagging)
    {
        var world = await Shapes.FilledAsync(3, 2);
        await ElectAsync(world, "orders-1-2");
        world.Server(lagging).IsSyncHeld = true;
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });

        await Shapes.RunAsync(world, 10);

        Assert.NotNull(world.Pod("orders-1-2"));
        Assert.Null(world.Server("orders-1-2").MasterId);
        Assert.Contains(lagging, world.Condition("Reconciling").Message, StringComparison.Ordinal);
        world.Server(lagging).IsSyncHeld = false;
        await world.SettleAsync();
        Shapes.AssertShape(world, 3, 1);
    }

    [Fact]
    public async Task One_shard_hands_over_at_a_time()
    {
        var world = await Shapes.FilledAsync(3, 1);
        foreach (var pod in (string[])["orders-0-1", "orders-1-1", "orders-2-1"])
        {
            await ElectAsync(world, pod);
        }

        var most = 0;
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 0 });
        for (var round = 0; round < 40; round++)
        {
            var before = world.Redis.Writes.Count;
            await world.PassAsync();
            most = Math.Max(most, world.Redis.Writes.Skip(before).Count(write => write.Contains("FAILOVER", StringComparison.Ordinal)));
            await world.RunKubeletAsync();
            world.Redis.Gossip();
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, most);
        await world.SettleAsync();
        Shapes.AssertShape(world, 3, 0);
    }

    [Fact]
    public async Task A_shard_that_waits_for_itself_keeps_no_other_waiting()
    {
        var world = await Shapes.FilledAsync(3, 2, spec => spec with { Update = new RedisClusterUpdate { MaxParallelShards = 1 } });
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await ElectAsync(world, "orders-0-2");
        await NoteFailoverAsync(world);
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });

        await Shapes.RunAsync(world, 12);

        Assert.Contains(world.Caches.Pods.List(), pod => pod.Metadata.Name == "orders-0-2");
        Assert.DoesNotContain(world.Caches.Pods.List(), pod => pod.Metadata.Name is "orders-1-2" or "orders-2-2");
    }

    [Theory]
    [InlineData(VolumeRetention.Delete)]
    [InlineData(VolumeRetention.Retain)]
    public async Task Volumes_of_removed_replicas_go_or_stay_as_asked(VolumeRetention retention)
    {
        var world = await Shapes.FilledAsync(2, 1, spec => spec with { Storage = new RedisClusterStorage { Size = "1Gi", WhenScaled = retention } });

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 0 });
        await world.SettleAsync();

        Assert.Equal(retention == VolumeRetention.Delete ? 2 : 4, world.Caches.Claims.List().Count);
        Assert.All(world.Caches.Pods.List(), pod => Assert.Contains(world.Caches.Claims.List(), claim => claim.Metadata.Name == $"data-{pod.Metadata.Name}"));
        Shapes.AssertShape(world, 2, 0);
    }

    [Fact]
    public async Task Replicas_and_shards_change_together()
    {
        var world = await Shapes.FilledAsync(3, 2);

        await world.ChangeAsync(spec => spec with { Shards = 5, ReplicasPerShard = 1 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 5, 1);
    }

    static async Task ElectAsync(ClusterWorld world, string pod)
    {
        world.Server(pod).Elect();
        world.Redis.Gossip();
        world.Redis.Gossip();
        await world.SettleAsync();
    }

    /// <summary>The last handover in the first shard was a moment ago and came to nothing.</summary>
    static Task NoteFailoverAsync(ClusterWorld world)
    {
        world.Server("orders-0-0").StandInVain();
        return world.AnnotateStatefulSetAsync(
            "orders-0",
            "slotwise.dev/failover",
            $"{world.Server("orders-0-0").Id} {world.Server("orders-0-2").Id} {world.Time.GetUtcNow().AddSeconds(-8):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");
    }

    static async Task CrashAsync(ClusterWorld world)
    {
        for (var round = 0; round < 20; round++)
        {
            try
            {
                await world.RoundAsync();
            }
            catch (OperatorCrashedException)
            {
                return;
            }
        }

        Assert.Fail("no handover was asked for");
    }
}
