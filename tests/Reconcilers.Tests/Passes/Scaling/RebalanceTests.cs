using System.Text.RegularExpressions;
using Slotwise.Entities;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>Slots that are unevenly spread, and who decides that they move.</summary>
public sealed partial class RebalanceTests
{
    static readonly RedisClusterRebalance Manual = new() { Mode = RebalanceMode.Manual };

    [Fact]
    public async Task Slots_that_somebody_moved_far_are_levelled()
    {
        var world = await Shapes.FilledAsync(3, 1);
        GiveAway(world, "orders-0-0", "orders-1-0", 500);

        await world.SettleAsync();

        Shapes.AssertShape(world, 3, 1);
        Assert.InRange(world.Server("orders-0-0").Slots.Count, 5461, 5462);
        Assert.Equal("Normal Rebalancing: rebalancing: 500 slots are to move", world.Events.Single(line => line.Contains(" Rebalancing: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Small_differences_are_left_alone()
    {
        var world = await Shapes.FilledAsync(3, 1);
        GiveAway(world, "orders-0-0", "orders-1-0", 50);
        var opened = world.Redis.Writes.Count(write => write.Contains("IMPORTING", StringComparison.Ordinal));

        await world.SettleAsync();

        Assert.Equal(opened, world.Redis.Writes.Count(write => write.Contains("IMPORTING", StringComparison.Ordinal)));
        Assert.Equal("True", world.Condition("Balanced").Status);
    }

    [Fact]
    public async Task Slots_of_a_second_master_in_a_shard_go_back()
    {
        var world = await Shapes.FilledAsync(3, 0);
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1, Paused = true });
        await world.ChangeAsync(spec => spec with { Paused = false });
        await Shapes.RunAsync(world, 1);
        world.Redis.Gossip();
        GiveAway(world, "orders-0-0", "orders-0-1", 20);

        await world.SettleAsync();

        Shapes.AssertShape(world, 3, 1);
    }

    [Fact]
    public async Task In_manual_mode_new_shards_wait_for_an_approval_of_just_this_plan()
    {
        var world = await Shapes.FilledAsync(3, 1, spec => spec with { Rebalance = Manual });
        await world.AnnotateAsync(RedisClusterAnnotations.ApproveRebalance, "0123456789");
        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await Shapes.RunAsync(world, 10);

        Assert.True(world.Server("orders-3-0").Slots.IsEmpty);
        Assert.Equal("AwaitingApproval", world.Condition("Balanced").Reason);
        Assert.Equal("True", world.Condition("Ready").Status);
        Assert.Equal("False", world.Condition("Reconciling").Status);
        Assert.Null(world.Status.Operation);
        var message = world.Condition("Balanced").Message!;
        Assert.Contains("slots from shard 0 to 3", message, StringComparison.Ordinal);
        var writes = world.Writes;
        await world.PassAsync();
        Assert.Equal(writes, world.Writes);
        Assert.Equal(message, world.Condition("Balanced").Message);

        await world.AnnotateAsync(RedisClusterAnnotations.ApproveRebalance, PlanId(world));
        world.SlowDown(Shapes.Slow);
        await world.SettleAsync();

        Shapes.AssertShape(world, 4, 1);
    }

    [Fact]
    public async Task An_old_approval_approves_no_other_plan()
    {
        var world = await Shapes.FilledAsync(3, 0, spec => spec with { Rebalance = Manual });
        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await Shapes.RunAsync(world, 6);
        var id = PlanId(world);

        await world.ChangeAsync(spec => spec with { Shards = 5 });
        await world.AnnotateAsync(RedisClusterAnnotations.ApproveRebalance, id);
        await Shapes.RunAsync(world, 8);

        Assert.True(world.Server("orders-3-0").Slots.IsEmpty);
        Assert.NotEqual(id, PlanId(world));
    }

    [Fact]
    public async Task In_manual_mode_shards_are_removed_without_approval_and_nobody_else_gives()
    {
        var world = await Shapes.FilledAsync(3, 0, spec => spec with { Rebalance = Manual });
        GiveAway(world, "orders-0-0", "orders-1-0", 3000);
        var kept = world.Server("orders-1-0").Slots;
        await world.ChangeAsync(spec => spec with { Shards = 2 });

        for (var round = 0; round < 30 && world.Caches.StatefulSets.List().Count > 2; round++)
        {
            await world.RoundAsync();
        }

        Assert.Equal(2, world.Caches.StatefulSets.List().Count);
        Assert.Equal(kept, world.Server("orders-1-0").Slots.Intersect(kept));
        world.Ledger.AssertWhole(2, 0);
    }

    /// <summary>At most as many moves at a time as allowed, and no server in two of them.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Moves_run_side_by_side_up_to_the_limit(int limit)
    {
        var world = await Shapes.FilledAsync(3, 0, spec => spec with { Rebalance = new RedisClusterRebalance { MaxParallelMoves = limit } });
        world.Redis.HasValkeyJobs = true;
        await world.ChangeAsync(spec => spec with { Shards = 6 });

        await Shapes.RunAsync(world, 8);

        var running = world.Redis.Servers.SelectMany(server => server.Jobs).Where(job => job.IsRunning).ToList();
        Assert.Equal(limit, running.Count);
        Assert.Equal(limit * 2, running.SelectMany(job => new[] { job.Source, job.Target }).Distinct().Count());
    }

    static string PlanId(ClusterWorld world) => Id().Match(world.Condition("Balanced").Message!).Groups[1].Value;

    /// <summary>Somebody moves slots with other tools.</summary>
    static void GiveAway(ClusterWorld world, string from, string to, int count)
    {
        var source = world.Server(from);
        var target = world.Server(to);
        foreach (var slot in source.Slots.Take(count))
        {
            target.Execute(ClusterCommands.SetSlotImporting(slot, source.Id));
            source.Execute(ClusterCommands.SetSlotMigrating(slot, target.Id));
            foreach (var key in source.Data.KeysIn(slot, int.MaxValue))
            {
                target.Put(key, System.Text.Encoding.UTF8.GetString(source.Data.Get(key)!));
                source.Data.Remove(key);
            }

            target.Execute(ClusterCommands.SetSlotNode(slot, target.Id));
            source.Execute(ClusterCommands.SetSlotNode(slot, target.Id));
        }

        world.Redis.Gossip();
    }

    [GeneratedRegex("approve-rebalance=([0-9a-f]+)")]
    private static partial Regex Id();
}
