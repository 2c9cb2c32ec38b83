using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>More and fewer shards, with keys in them.</summary>
public sealed class ScalingTests
{
    [Theory]
    [InlineData(3, 6, 1)]
    [InlineData(6, 3, 1)]
    [InlineData(3, 5, 0)]
    [InlineData(5, 3, 0)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 1, 1)]
    public async Task Ends_in_the_new_shape_with_every_key(int before, int after, int replicas)
    {
        var world = await Shapes.FilledAsync(before, replicas);
        world.SlowDown(Shapes.Slow);

        await world.ChangeAsync(spec => spec with { Shards = after });
        await world.SettleAsync();

        Shapes.AssertShape(world, after, replicas);
    }

    [Fact]
    public async Task A_settled_pass_writes_nothing_after_scaling()
    {
        var world = await Shapes.FilledAsync(3, 1);
        foreach (var shards in (int[])[5, 3])
        {
            await world.ChangeAsync(spec => spec with { Shards = shards });
            await world.SettleAsync();
            var writes = world.Writes;
            var events = world.Events.Count;

            for (var pass = 0; pass < 3; pass++)
            {
                world.Time.Advance(TimeSpan.FromMinutes(2));
                await world.PassAsync();
            }

            Assert.Equal(writes, world.Writes);
            Assert.Equal(events, world.Events.Count);
        }
    }

    /// <summary>3 to 4 shards: a quarter of the slots moves, each once, and all to the new shard.</summary>
    [Fact]
    public async Task No_slot_moves_that_need_not()
    {
        var world = await Shapes.FilledAsync(3, 0);
        world.SlowDown(Shapes.Slow);
        var before = world.Redis.Writes.Count;

        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await world.SettleAsync();

        var opened = world.Redis.Writes.Skip(before).Where(write => write.Contains("IMPORTING", StringComparison.Ordinal)).ToList();
        Assert.Equal(4096, opened.Count);
        Assert.All(opened, write => Assert.StartsWith(world.Server("orders-3-0").Address + " ", write, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_shard_that_goes_is_shared_out_among_all_survivors()
    {
        var world = await Shapes.FilledAsync(4, 0);

        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await world.SettleAsync();

        Assert.All(Enumerable.Range(0, 3), shard => Assert.InRange(world.Server($"orders-{shard}-0").Slots.Count, 5461, 5462));
        Assert.True(SlotSet.FromRange(0, 4095).IsSubsetOf(world.Server("orders-0-0").Slots));
    }

    [Fact]
    public async Task Progress_can_be_followed()
    {
        var world = await Shapes.FilledAsync(3, 1);
        world.SlowDown(Shapes.Slow);
        await world.ChangeAsync(spec => spec with { Shards = 6 });
        await world.PassAsync();

        Assert.Equal("ScalingOut", world.Status.Operation!.Kind);
        Assert.Equal(8191, world.Status.Operation.SlotsRemaining);
        Assert.Contains("Normal ScalingOut: scaling out to 6 shards: 8191 slots are to move", world.Events);
        var left = new List<int>();
        while (world.Status.Operation is { } operation && left.Count < 40)
        {
            left.Add(operation.SlotsRemaining!.Value);
            Assert.Equal("ScalingOut", operation.Kind);
            Assert.Equal("False", world.Condition("Ready").Status);
            Assert.Contains($"{operation.SlotsRemaining} slot", world.Condition("Reconciling").Message, StringComparison.Ordinal);
            await world.RunKubeletAsync();
            world.Redis.Gossip();
            world.Time.Advance(TimeSpan.FromMilliseconds(100));
            await world.PassAsync();
        }

        Assert.Equal(left.OrderDescending(), left);
        Assert.True(left.Distinct().Count() > 3, $"seen: {string.Join(", ", left)}");
        Assert.Contains(world.Events, line => line.StartsWith("Normal Balanced: all slots are where they belong after", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Events, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Functions_are_there_before_the_first_slot_comes()
    {
        var world = await Shapes.FilledAsync(2, 1);
        foreach (var server in world.Redis.Servers)
        {
            server.Functions.Add("totals");
        }

        var beforeFunctions = SlotSet.Empty;
        world.Redis.BeforeWrite = _ =>
        {
            if (world.Redis.Servers.LastOrDefault(server => server.Functions.Count == 0) is { } without)
            {
                beforeFunctions = beforeFunctions.Union(without.Slots).Union(without.Importing);
            }
        };

        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await world.SettleAsync();

        Assert.True(beforeFunctions.IsEmpty);
        Assert.All(world.Redis.Servers, server => Assert.Equal(["totals"], server.Functions));
    }

    /// <summary>peers: a move that starts before the new master serves leaves an open slot that no client can use.</summary>
    [Fact]
    public async Task No_slot_moves_before_the_new_master_says_that_it_serves()
    {
        var world = await Shapes.FilledAsync(3, 1);
        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await Shapes.RunAsync(world, 1);
        var newcomer = world.Server("orders-3-0");
        newcomer.IsServing = false;

        await Shapes.RunAsync(world, 8);

        Assert.True(newcomer.Slots.IsEmpty && newcomer.Importing.IsEmpty);
        Assert.Contains("orders-3-0 does not serve yet", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        newcomer.IsServing = true;
        await world.SettleAsync();
        Shapes.AssertShape(world, 4, 1);
    }

    [Fact]
    public async Task No_slot_moves_to_a_master_whose_replica_has_not_copied_it()
    {
        var world = await Shapes.FilledAsync(3, 1);
        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await Shapes.RunAsync(world, 1);
        world.Server("orders-3-1").IsSyncHeld = true;

        await Shapes.RunAsync(world, 8);

        Assert.True(world.Server("orders-3-0").Slots.IsEmpty);
        world.Server("orders-3-1").IsSyncHeld = false;
        await world.SettleAsync();
        Shapes.AssertShape(world, 4, 1);
    }

    /// <summary>peers: valkey-io PR 207, where a stale replica in gossip had the wrong shards drained.</summary>
    [Fact]
    public async Task The_highest_index_goes_whoever_is_master_in_it()
    {
        var world = await Shapes.FilledAsync(4, 1);
        world.Server("orders-3-1").Elect();
        world.Redis.Gossip();
        world.Redis.Gossip();
        await world.SettleAsync();

        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 3, 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Volumes_of_a_removed_shard_go_or_stay_as_asked(bool isDeleted)
    {
        var retention = isDeleted ? Entities.VolumeRetention.Delete : Entities.VolumeRetention.Retain;
        var world = await Shapes.FilledAsync(3, 1, spec => spec with { Storage = new Entities.RedisClusterStorage { Size = "1Gi", WhenScaled = retention } });

        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await world.SettleAsync();

        string[] kept = ["data-orders-0-0", "data-orders-0-1", "data-orders-1-0", "data-orders-1-1"];
        Assert.Equal(isDeleted ? kept : [.. kept, "data-orders-2-0", "data-orders-2-1"], world.Caches.Claims.List().Select(claim => claim.Metadata.Name!).Order(StringComparer.Ordinal));
        Shapes.AssertShape(world, 2, 1);
    }
}
