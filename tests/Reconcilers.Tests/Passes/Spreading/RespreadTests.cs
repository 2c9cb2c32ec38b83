using Slotwise.Entities;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Tests.Passes.Scaling;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Spreading;

/// <summary>Masters that failovers brought together, on three hosts; pod N of shard S is on host (S + N) mod 3.</summary>
public sealed class RespreadTests
{
    static readonly TimeSpan Calm = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Masters_that_failovers_piled_up_are_spread_again_when_it_was_calm_for_five_minutes()
    {
        var world = await PiledAsync();
        Assert.Equal(("False", "OneHost"), (world.Condition("QuorumSafe").Status, world.Condition("QuorumSafe").Reason));
        var before = Failovers(world);

        world.Time.Advance(Calm - TimeSpan.FromSeconds(30));
        await world.SettleAsync();
        Assert.Equal(before, Failovers(world));

        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.SettleAsync();

        Assert.Equal(before + 1, Failovers(world));
        Assert.Equal(3, MasterHosts(world).Distinct().Count());
        Assert.Equal("True", world.Condition("QuorumSafe").Status);
        Assert.Null(world.Note("orders-0", ClusterMetadata.RespreadAnnotation));
        Shapes.AssertShape(world, 3, 1);
    }

    [Fact]
    public async Task At_most_one_handover_is_made_in_five_minutes()
    {
        // all three shards have a pod on host 0
        var world = await StartAsync(pod => pod[^3] == '0' ? $"host-{pod[^1]}" : pod[^1] == '0' ? $"host-{pod[^3]}" : "host-0", replicas: 1);
        foreach (var pod in (string[])["orders-1-1", "orders-2-1"])
        {
            await ElectAsync(world, pod);
        }

        Assert.All(MasterHosts(world), host => Assert.Equal("host-0", host));
        var before = Failovers(world);
        for (var minute = 1; minute <= 16; minute++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await world.SettleAsync();
            Assert.InRange(Failovers(world) - before, 0, minute / 5);
        }

        Assert.Equal(3, MasterHosts(world).Distinct().Count());
        Assert.Equal(before + 2, Failovers(world));
    }

    [Theory]
    [InlineData(false, Spread.Preferred)]
    [InlineData(true, Spread.None)]
    public async Task Who_does_not_want_it_is_left_alone(bool respread, Spread hosts)
    {
        var world = await PiledAsync(new RedisClusterScheduling { Respread = respread, Hosts = hosts, Zones = Spread.None });
        var writes = world.Writes;

        world.Time.Advance(2 * Calm);
        await world.SettleAsync();

        Assert.Equal(writes, world.Writes);
    }

    [Fact]
    public async Task Masters_of_one_zone_are_spread_over_zones()
    {
        // each pod has a host of its own; hosts of first pods are in zones a, b, c, those of second pods all in zone a
        var world = await StartAsync(pod => $"host-{pod[^3]}-{pod[^1]}", replicas: 1, async world =>
        {
            for (var shard = 0; shard < 3; shard++)
            {
                await world.CreateHostAsync($"host-{shard}-0", $"zone-{"abc"[shard]}");
                await world.CreateHostAsync($"host-{shard}-1", "zone-a");
            }
        });
        await ElectAsync(world, "orders-1-1");
        Assert.Equal(("False", "OneZone"), (world.Condition("QuorumSafe").Status, world.Condition("QuorumSafe").Reason));

        world.Time.Advance(Calm + TimeSpan.FromSeconds(1));
        await world.SettleAsync();

        Assert.Null(world.Server("orders-1-0").MasterId);
        Assert.Equal("True", world.Condition("QuorumSafe").Status);
    }

    /// <summary>Law 13: whoever was elected lately is remembered by the voters, and a new operator knows no better than what is noted.</summary>
    [Fact]
    public async Task A_change_of_masters_begins_the_five_minutes_anew()
    {
        var world = await PiledAsync();
        world.Time.Advance(Calm - TimeSpan.FromSeconds(30));
        await ElectAsync(world, "orders-2-1");
        var before = Failovers(world);

        world.Time.Advance(TimeSpan.FromMinutes(2));
        await world.SettleAsync();

        Assert.Equal(before, Failovers(world));
    }

    [Fact]
    public async Task Nothing_is_spread_while_anything_else_is_wanted()
    {
        var world = await PiledAsync();
        world.Server("orders-2-1").IsSyncHeld = true;
        await world.RestartContainerAsync("orders-2-1", keepsKeys: true);
        world.Server("orders-2-0").Restart(keepsKeys: true);
        var before = Failovers(world);
        world.Time.Advance(2 * Calm);

        await Shapes.RunAsync(world, 5);

        Assert.Equal(before, Failovers(world));
    }

    static Task<ClusterWorld> StartAsync(Func<string, string> hostOf, int replicas, Func<ClusterWorld, Task>? prepare = null, RedisClusterScheduling? scheduling = null) =>
        Shapes.FilledAsync(3, replicas, spec => scheduling is null ? spec : spec with { Scheduling = scheduling }, async world =>
        {
            world.HostOf = hostOf;
            if (prepare is not null)
            {
                await prepare(world);
            }
        });

    /// <summary>Masters on hosts 0, 1 and 2, then a failover in shard 0: hosts 1, 1 and 2.</summary>
    static async Task<ClusterWorld> PiledAsync(RedisClusterScheduling? scheduling = null)
    {
        var world = await StartAsync(pod => $"host-{(pod[^3] - '0' + pod[^1] - '0') % 3}", replicas: 1, scheduling: scheduling);
        Assert.Equal(3, MasterHosts(world).Distinct().Count());
        await ElectAsync(world, "orders-0-1");
        Assert.Equal(2, MasterHosts(world).Distinct().Count());
        return world;
    }

    static async Task ElectAsync(ClusterWorld world, string pod)
    {
        world.Server(pod).Elect();
        world.Redis.Gossip();
        world.Redis.Gossip();
        await world.SettleAsync();
    }

    static List<string> MasterHosts(ClusterWorld world) =>
        [.. world.Caches.Pods.List().Where(pod => world.Server(pod.Metadata.Name!).MasterId is null).Select(pod => pod.Spec!.NodeName!)];

    static int Failovers(ClusterWorld world) => world.Redis.Writes.Count(write => write.Contains("FAILOVER", StringComparison.Ordinal));
}
