using Slotwise.Redis.SlotMoves;

namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>Keys that are too large, and targets that have no room.</summary>
public sealed class BoundsTests
{
    static readonly SlotSet Some = SlotSet.FromRange(0, 999);

    [Fact]
    public async Task A_slot_with_a_key_that_takes_too_long_is_not_opened_and_the_others_move()
    {
        await using var cluster = await MovingCluster.StartAsync("redis", "7.0");
        await using var source = await cluster.ConnectAsync(0);
        var names = await FillAsync(source, keys: 30, bytes: 100);
        var large = SlotHash.Of(System.Text.Encoding.UTF8.GetBytes(names[7]));
        await source.ExecuteAsync(new RedisCommand("SET", names[7], new byte[4 << 20]));
        var stall = TimeSpan.FromMilliseconds(20);

        var obstacle = Assert.Single(await cluster.MoveAsync(0, 1, Some, move => move with { MaxStall = stall, Slice = TimeSpan.FromSeconds(30) }));

        Assert.Equal((SlotMoveObstacleKind.LargeKey, SlotSet.Of(large)), (obstacle.Kind, obstacle.Slots));
        Assert.InRange(obstacle.Stall, stall, TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(names[7], obstacle.Message, StringComparison.Ordinal);
        Assert.Contains("MiB", obstacle.Message, StringComparison.Ordinal);
        await cluster.AssertOwnerAsync(1, 0, Some.Except(SlotSet.Of(large)));
        await cluster.AssertOwnerAsync(0, 1, SlotSet.Of(large));

        Assert.Empty(await cluster.MoveAsync(0, 1, SlotSet.Of(large), move => move with { MaxStall = obstacle.Stall }));
        await cluster.AssertOwnerAsync(1, 0, Some);
    }

    [Fact]
    public async Task Nothing_is_opened_for_which_the_target_has_no_room()
    {
        await using var cluster = await MovingCluster.StartAsync("redis", "7.0");
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        await FillAsync(source, keys: 100, bytes: 100_000);
        await target.ExecuteAsync(ServerCommands.ConfigSet("maxmemory", "6mb"));

        // an evicting policy makes room by losing keys
        await target.ExecuteAsync(ServerCommands.ConfigSet("maxmemory-policy", "allkeys-lru"));
        var keyed = SlotSet.FromRange(0, 999);

        var obstacle = (await cluster.MoveAsync(0, 1, keyed, move => move with { Slice = TimeSpan.FromSeconds(30) })).Single(found => found.Kind == SlotMoveObstacleKind.NoMemory);

        Assert.Contains("maxmemory", obstacle.Message, StringComparison.Ordinal);
        Assert.Equal(100, await source.ExecuteAsync(ServerCommands.DbSize) + await target.ExecuteAsync(ServerCommands.DbSize));
        Assert.Empty((await source.ExecuteAsync(ClusterCommands.Nodes)).Myself!.Migrating);
        Assert.Empty((await target.ExecuteAsync(ClusterCommands.Nodes)).Myself!.Importing);

        await target.ExecuteAsync(ServerCommands.ConfigSet("maxmemory", "0"));
        Assert.Empty(await cluster.MoveAsync(0, 1, keyed));
        await cluster.AssertOwnerAsync(1, 0, keyed);
        Assert.Equal(100, await target.ExecuteAsync(ServerCommands.DbSize));
    }

    /// <summary>Clients fill the target while keys are on their way.</summary>
    [Fact]
    public async Task A_target_that_runs_out_of_memory_loses_nothing()
    {
        await using var cluster = await MovingCluster.StartAsync("redis", "7.0");
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        await FillAsync(source, keys: 100, bytes: 100_000);
        await target.ExecuteAsync(ServerCommands.ConfigSet("maxmemory", "6mb"));

        var obstacles = await cluster.MoveAsync(0, 1, Some, move => move with { AllowEviction = true, Slice = TimeSpan.FromSeconds(30) });

        Assert.NotEmpty(obstacles);
        Assert.All(obstacles, obstacle => Assert.Equal(SlotMoveObstacleKind.NoMemory, obstacle.Kind));
        Assert.All(obstacles, obstacle => Assert.Contains("OOM", obstacle.Message, StringComparison.Ordinal));
        Assert.Equal(100, await source.ExecuteAsync(ServerCommands.DbSize) + await target.ExecuteAsync(ServerCommands.DbSize));

        await target.ExecuteAsync(ServerCommands.ConfigSet("maxmemory", "0"));
        Assert.Empty(await cluster.MoveAsync(0, 1, Some));
        await cluster.AssertOwnerAsync(1, 0, Some);
        Assert.Equal(100, await target.ExecuteAsync(ServerCommands.DbSize));
    }

    [Fact]
    public async Task What_the_source_may_not_do_is_said()
    {
        await using var cluster = await MovingCluster.StartAsync("redis", "7.0");
        await using var source = await cluster.ConnectAsync(0);
        await FillAsync(source, keys: 10, bytes: 100);
        var nobody = new RedisCredentials("slotwise-replication", "a-password-that-nobody-may-see");

        var obstacles = await cluster.MoveAsync(0, 1, Some, move => move with { Credentials = nobody, Slice = TimeSpan.FromSeconds(30) });

        Assert.NotEmpty(obstacles);
        Assert.All(obstacles, obstacle => Assert.Equal(SlotMoveObstacleKind.NoPermission, obstacle.Kind));
        Assert.All(obstacles, obstacle => Assert.DoesNotContain(nobody.Password, obstacle.Message, StringComparison.Ordinal));
        Assert.Empty(await cluster.MoveAsync(0, 1, Some));
    }

    static async Task<List<string>> FillAsync(RedisConnection connection, int keys, int bytes)
    {
        var names = KeysOfEveryType.NamesIn(Some).Take(keys).ToList();
        var replies = await connection.ExecuteAsync([.. names.Select(name => new RedisCommand("SET", name, new byte[bytes]))]);
        Assert.All(replies, reply => Assert.Equal(RespValue.Ok, reply));
        return names;
    }
}
