using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>What cannot or must not be done is said with what to do about it, and the cluster goes on serving untouched.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task A_shard_is_not_drained_into_servers_that_are_too_small_for_it()
    {
        var world = await TightAsync(shards: 3);
        await world.ChangeAsync(spec => spec with { Shards = 2 });

        await Shapes.RunAsync(world, 12);

        Assert.DoesNotContain(world.Redis.Writes, write => write.Contains("SETSLOT", StringComparison.Ordinal));
        Assert.Equal("InsufficientMemory", world.Condition("Stalled").Reason);
        var message = world.Condition("Stalled").Message!;
        Assert.Contains("orders-0-0 has room for 0 B (it uses", message, StringComparison.Ordinal);
        Assert.Contains("10 % are kept free", message, StringComparison.Ordinal);
        Assert.Contains("come from shard 2 need about", message, StringComparison.Ordinal);
        Assert.Contains("kubectl annotate rediscluster orders -n default slotwise.dev/allow-eviction=true", message, StringComparison.Ordinal);
        Assert.Equal("16384/16384", world.Status.Slots);
        world.Ledger.AssertWhole(3, 1);
    }

    [Fact]
    public async Task The_user_may_accept_that_keys_are_evicted()
    {
        var world = await TightAsync(shards: 3);
        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await Shapes.RunAsync(world, 6);

        await world.AnnotateAsync(RedisClusterAnnotations.AllowEviction, "true");
        await world.SettleAsync();

        Shapes.AssertShape(world, 2, 1);
    }

    [Fact]
    public async Task A_drain_that_was_refused_can_be_taken_back()
    {
        var world = await TightAsync(shards: 3);
        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await Shapes.RunAsync(world, 6);

        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 3, 1);
        Assert.Equal("False", world.Condition("Stalled").Status);
    }

    /// <summary>A new shard with room is filled although an old one has none.</summary>
    [Fact]
    public async Task Growing_relieves_full_servers()
    {
        var world = await TightAsync(shards: 3);

        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 4, 1);
    }

    [Theory]
    [InlineData("orders-1-1")]
    [InlineData("orders-0-0")]
    public async Task Nothing_moves_while_a_member_is_missing(string missing)
    {
        var world = await Shapes.FilledAsync(3, 1);
        world.Server(missing).IsHidden = true;
        var before = world.Redis.Servers.ToDictionary(server => server.Address, server => server.Slots);

        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await Shapes.RunAsync(world, 10);

        Assert.All(world.Redis.Servers, server => Assert.Equal(before[server.Address], server.Slots));
        Assert.Equal(3, world.Caches.StatefulSets.List().Count);
        Assert.Contains(missing, world.Condition("Reconciling").Message, StringComparison.Ordinal);
        world.Server(missing).IsHidden = false;
        await world.SettleAsync();
        Shapes.AssertShape(world, 2, 1);
    }

    [Fact]
    public async Task Slots_wait_for_a_member_and_the_condition_says_so()
    {
        var world = await Shapes.FilledAsync(3, 1);
        world.Server("orders-1-1").IsHidden = true;

        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await Shapes.RunAsync(world, 10);

        var message = world.Condition("Reconciling").Message!;
        Assert.Contains("4096 slots are to move and wait for this: orders-1-1", message, StringComparison.Ordinal);
        Assert.Contains("take spec.shards back if it cannot be mended", message, StringComparison.Ordinal);
    }

    /// <summary>Pods that no host has room for.</summary>
    [Fact]
    public async Task Pods_that_cannot_run_leave_the_cluster_as_it_is()
    {
        var world = await Shapes.FilledAsync(3, 1);
        world.Broken["orders-0-2"] = world.Broken["orders-1-2"] = world.Broken["orders-2-2"] = ("Unschedulable", "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules");
        var servers = world.Redis.Servers.ToList();
        var writes = world.Redis.Writes.Count;

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 2 });
        await Shapes.RunAsync(world, 10);

        Assert.Equal(servers, world.Redis.Servers);
        Assert.Equal(writes, world.Redis.Writes.Count);
        Assert.Equal("False", world.Condition("Ready").Status);
        Assert.Contains("didn't match pod anti-affinity rules", world.Condition("Ready").Message, StringComparison.Ordinal);
        Assert.Equal("16384/16384", world.Status.Slots);
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });
        await world.SettleAsync();
        Shapes.AssertShape(world, 3, 1);
    }

    [Fact]
    public async Task A_new_shard_that_cannot_run_is_taken_back()
    {
        var world = await Shapes.FilledAsync(3, 1);
        world.Broken["orders-3-0"] = world.Broken["orders-3-1"] = ("Unschedulable", "no host has room");
        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await Shapes.RunAsync(world, 6);

        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 3, 1);
    }

    /// <summary>Law 1: an emptied shard in which keys turn up is not removed.</summary>
    [Fact]
    public async Task A_shard_with_keys_is_never_removed()
    {
        var world = await Shapes.FilledAsync(3, 0);
        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await world.SettleAsync();
        await world.ChangeAsync(spec => spec with { Shards = 3 });
        var key = world.Ledger.NewKey(world.Server("orders-3-0").Slots.First());
        world.Api.BeforeWrite = () =>
        {
            // Written in the last moment by somebody who goes round the rules.
            if (world.Server("orders-3-0") is { Slots.IsEmpty: true } emptied && emptied.Data.Get(key) is null)
            {
                emptied.Put(key, "stray");
            }
        };

        await Shapes.RunAsync(world, 12);

        Assert.NotNull(world.Server("orders-3-0").Data.Get(key));
        Assert.Equal("UnexpectedKeys", world.Condition("Stalled").Reason);
        Assert.Contains("shard 3 is not removed", world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    /// <summary>Law 9: it may hold keys that nobody sees.</summary>
    [Fact]
    public async Task A_shard_is_not_removed_while_one_of_its_servers_is_silent()
    {
        var world = await Shapes.FilledAsync(4, 1);
        world.Server("orders-3-1").IsHidden = true;
        await world.ChangeAsync(spec => spec with { Shards = 3 });

        await Shapes.RunAsync(world, 14);

        Assert.NotNull(world.Caches.Pods.Get(new NamespacedName("default", "orders-3-1")));
        Assert.Contains("orders-3-1 does not say that it is empty", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        world.Server("orders-3-1").IsHidden = false;
        await world.SettleAsync();
        Shapes.AssertShape(world, 3, 1);
    }

    /// <summary>What only the user can decide about one slot holds up none of the others, neither when its servers fill a shard nor when one is emptied.</summary>
    [Theory]
    [InlineData(4, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task A_conflict_of_keys_holds_up_its_own_slot_alone(int shards, bool hasJobs)
    {
        const int Slot = 16000;
        var world = await OpenAsync(Slot);
        world.Redis.HasValkeyJobs = hasJobs;
        var source = world.Server("orders-2-0");
        var target = world.Server("orders-1-0");
        var key = world.Ledger.NewKey(Slot);
        source.Put(key, "one");
        target.Put(key, "another");

        await world.ChangeAsync(spec => spec with { Shards = shards });
        for (var run = 0; run < 3; run++)
        {
            await world.RunAsync();
        }

        Assert.Equal("KeyConflict", world.Condition("Stalled").Reason);
        Assert.True(source.Slots.Contains(Slot));
        Assert.Equal((SlotSet.Of(Slot), SlotSet.Of(Slot)), (source.Migrating, target.Importing));
        Assert.Equal(("one", "another"), (Text(source, key), Text(target, key)));
        Assert.Equal(shards == 2 ? 1 : 4096, source.Slots.Count);
        Assert.All(Enumerable.Range(0, 2), shard => Assert.InRange(world.Server($"orders-{shard}-0").Slots.Count, SlotSet.SlotCount / shards - 1, SlotSet.SlotCount / shards));

        // the user decides
        target.Data.Remove(key);
        await world.SettleAsync();
        Assert.True(target.Slots.Contains(Slot));
        Assert.Equal("one", Text(target, key));
        Shapes.AssertShape(world, shards, 1);
    }

    /// <summary>Clients are sent to and fro for slots that are open: where one cannot be moved because of the servers, no pass opens more of them.</summary>
    [Fact]
    public async Task Servers_that_cannot_reach_each_other_open_no_more_slots()
    {
        const int Slot = 16000;
        var world = await OpenAsync(Slot);
        var source = world.Server("orders-2-0");
        var target = world.Server("orders-1-0");
        source.Put(world.Ledger.NewKey(Slot), "one");
        target.IsOutOfReach = true;

        await world.ChangeAsync(spec => spec with { Shards = 2 });
        for (var run = 0; run < 3; run++)
        {
            await world.RunAsync();
        }

        Assert.Equal((SlotSet.Of(Slot), SlotSet.Of(Slot)), (source.Migrating, target.Importing));
        Assert.Equal(SlotSet.SlotCount / 2, world.Server("orders-0-0").Slots.Count);

        target.IsOutOfReach = false;
        await world.SettleAsync();
        Shapes.AssertShape(world, 2, 1);
    }

    /// <summary>A cluster that makes one move at a time, with a slot that shard 2 has begun to give to shard 1.</summary>
    static async Task<ClusterWorld> OpenAsync(int slot)
    {
        var world = await HealthyCluster.CreateAsync();
        await world.ChangeAsync(spec => spec with { Rebalance = spec.Rebalance with { MaxParallelMoves = 1 } });
        var source = world.Server("orders-2-0");
        var target = world.Server("orders-1-0");
        source.Open(slot, migratingTo: target.Id);
        target.Open(slot, importingFrom: source.Id);
        return world;
    }

    static string Text(ModelServer server, string key) => System.Text.Encoding.UTF8.GetString(server.Data.Get(key)!);

    /// <summary>Servers that may hold just what they hold, and a tenth more.</summary>
    static async Task<ClusterWorld> TightAsync(int shards)
    {
        var world = await Shapes.FilledAsync(shards, 1);
        var limit = (world.Redis.Servers.Min(server => server.UsedMemory) * 11 / 10).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await world.ChangeAsync(spec => spec with { Config = new SortedDictionary<string, Kubernetes.Models.IntOrString> { ["maxmemory"] = limit } });
        await world.SettleAsync();
        return world;
    }
}
