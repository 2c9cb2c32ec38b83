using System.Globalization;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>Moves that end anywhere are gone on with from what the two servers say, by somebody who remembers nothing.</summary>
public sealed class InterruptedMoveTests
{
    const int SlotsPerMove = 4;

    [Theory]
    [MemberData(nameof(MovingCluster.Servers), MemberType = typeof(MovingCluster))]
    public async Task A_move_that_broke_after_any_command_is_completed_by_the_next_one(string product, string version)
    {
        await using var cluster = await MovingCluster.StartAsync(product, version);
        await using var writer = await cluster.ConnectAsync(0);
        await using var reader = await cluster.ConnectAsync(1);
        for (var commands = 0; ; commands++)
        {
            // slots of its own for each, of which the first two have keys
            var slots = SlotSet.FromRange(commands * SlotsPerMove, (commands * SlotsPerMove) + SlotsPerMove - 1);
            var keys = await WriteAsync(writer, slots);
            var fuse = new Fuse(commands);

            var hasBroken = await MoveUntilBrokenAsync(cluster, slots, fuse);
            Assert.Empty(await cluster.MoveAsync(0, 1, slots));

            await cluster.AssertOwnerAsync(1, 0, slots);
            Assert.Equal(keys.Select(RespValue.Text), await reader.ExecuteAsync([.. keys.Select(key => new RedisCommand("GET", key))]));
            if (!hasBroken)
            {
                Assert.InRange(commands, 30, 200);
                return;
            }
        }
    }

    /// <summary>The target restored the keys, but the source never heard of it: the same key on both sides.</summary>
    [Theory]
    [MemberData(nameof(MovingCluster.Servers), MemberType = typeof(MovingCluster))]
    public async Task Equal_copies_of_every_type_on_both_sides_become_one(string product, string version)
    {
        await using var cluster = await MovingCluster.StartAsync(product, version);
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        var slots = SlotSet.FromRange(100, 600);
        var keys = await KeysOfEveryType.WriteAsync(source, slots);
        await OpenAsync(cluster, source, target, slots);
        foreach (var name in KeysOfEveryType.NamesIn(slots).Take(50))
        {
            await CopyAsync(source, target, name);
        }

        Assert.Empty(await cluster.MoveAsync(0, 1, slots));

        await cluster.AssertOwnerAsync(1, 0, slots);
        await keys.AssertAsync(target);
    }

    [Theory]
    [InlineData("SET", "other")]
    [InlineData("HSET", "field", "other")]
    [InlineData("SADD", "other")]
    [InlineData("ZADD", "9", "other")]
    [InlineData("RPUSH", "other")]
    public async Task Copies_that_differ_stop_their_slot_and_no_other(params string[] write)
    {
        await using var cluster = await MovingCluster.StartAsync("redis", "7.0");
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        var slots = SlotSet.FromRange(0, 999);
        var names = KeysOfEveryType.NamesIn(slots).Take(10).ToList();
        var slot = SlotHash.Of(System.Text.Encoding.UTF8.GetBytes(names[4]));
        foreach (var name in names)
        {
            await source.ExecuteAsync(Command(write[0], name, [.. write.Skip(1).Select(argument => argument == "other" ? "one" : argument)]));
        }

        await OpenAsync(cluster, source, target, SlotSet.Of(slot));
        await target.ExecuteAsync([new RedisCommand("ASKING"), Command(write[0], names[4], write[1..])]);

        var obstacle = Assert.Single(await cluster.MoveAsync(0, 1, slots));
        obstacle = Assert.Single(await cluster.MoveAsync(0, 1, slots));

        Assert.Equal(SlotMoveObstacleKind.KeyConflict, obstacle.Kind);
        Assert.Equal(SlotSet.Of(slot), obstacle.Slots);
        Assert.DoesNotContain(names[4], obstacle.Message, StringComparison.Ordinal);
        await cluster.AssertOwnerAsync(1, 0, slots.Except(SlotSet.Of(slot)));
        Assert.Equal(RespValue.Integer(1), await source.ExecuteAsync(new RedisCommand("EXISTS", names[4])));

        // the user decides
        Assert.Equal(RespValue.Integer(1), (await target.ExecuteAsync([new RedisCommand("ASKING"), new RedisCommand("DEL", names[4])]))[1]);
        Assert.Empty(await cluster.MoveAsync(0, 1, slots));
        await cluster.AssertOwnerAsync(1, 0, slots);
    }

    /// <summary>A slot that cannot be finished keeps its servers neither from giving and taking others, nor do those moves touch its keys or its marks.</summary>
    [Theory]
    [MemberData(nameof(MovingCluster.Servers), MemberType = typeof(MovingCluster))]
    public async Task Servers_with_a_slot_that_stays_open_move_others(string product, string version)
    {
        const int Slot = 5000;
        await using var cluster = await MovingCluster.StartAsync(product, version, masters: 3);
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        await using var third = await cluster.ConnectAsync(2);
        var moving = SlotSet.FromRange(0, 999);
        var name = KeysOfEveryType.NamesIn(SlotSet.Of(Slot)).First();
        await source.ExecuteAsync(new RedisCommand("SET", name, "one"));
        await OpenAsync(cluster, source, target, SlotSet.Of(Slot));
        await target.ExecuteAsync([new RedisCommand("ASKING"), new RedisCommand("SET", name, "another")]);
        var keys = await KeysOfEveryType.WriteAsync(source, moving);

        // between the same two, from one of them to a third, and back to the one that gives it
        Assert.Empty(await cluster.MoveAsync(0, 1, moving));
        await keys.AssertAsync(target);
        Assert.Empty(await cluster.MoveAsync(1, 2, moving));
        await keys.AssertAsync(third);
        Assert.Empty(await cluster.MoveAsync(2, 0, moving));
        await keys.AssertAsync(source);
        Assert.Empty(await cluster.MoveAsync(0, 2, SlotSet.Full.Except(SlotSet.Of(Slot))));
        await keys.AssertAsync(third);

        var giver = (await source.ExecuteAsync(ClusterCommands.Nodes)).Myself!;
        var taker = (await target.ExecuteAsync(ClusterCommands.Nodes)).Myself!;
        Assert.Equal(SlotSet.Of(Slot), giver.Slots);
        Assert.Equal([new OpenSlot(Slot, cluster.Ids[1])], giver.Migrating);
        Assert.Equal([new OpenSlot(Slot, cluster.Ids[0])], taker.Importing);
        Assert.Equal(RespValue.Text("one"), await source.ExecuteAsync(new RedisCommand("GET", name)));
        Assert.Equal(RespValue.Text("another"), (await target.ExecuteAsync([new RedisCommand("ASKING"), new RedisCommand("GET", name)]))[1]);
        Assert.Equal(SlotMoveObstacleKind.KeyConflict, Assert.Single(await cluster.MoveAsync(0, 1, SlotSet.Of(Slot))).Kind);
    }

    /// <summary>Which is why the moves of such servers are made slot by slot.</summary>
    [Fact]
    public async Task Valkey_begins_no_job_while_any_slot_of_its_is_open()
    {
        await using var cluster = await MovingCluster.StartAsync("valkey", "9");
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        await OpenAsync(cluster, source, target, SlotSet.Of(5000));
        var move = new SlotMove { Source = new SlotMoveEnd(source, cluster.Ids[0]), Target = new SlotMoveEnd(target, cluster.Ids[1]), Slots = SlotSet.FromRange(0, 9), MaxStall = TimeSpan.FromSeconds(1) };

        var result = await new JobMover(SlotMoveMethod.ValkeyJob, TimeProvider.System).MoveAsync(move, CancellationToken.None);

        Assert.True(result.Started.IsEmpty);
        Assert.Contains("manually", Assert.Single(result.Obstacles).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_that_is_given_to_somebody_else_is_left_alone()
    {
        await using var cluster = await MovingCluster.StartAsync("redis", "7.0", masters: 3);
        await using var source = await cluster.ConnectAsync(0);
        Assert.Equal("OK", await source.ExecuteAsync(ClusterCommands.SetSlotMigrating(7, cluster.Ids[2])));

        var obstacle = Assert.Single(await cluster.MoveAsync(0, 1, SlotSet.FromRange(5, 9)));

        Assert.Equal((SlotMoveObstacleKind.NotReady, SlotSet.Of(7)), (obstacle.Kind, obstacle.Slots));
        await cluster.AssertOwnerAsync(1, 0, SlotSet.Of(5, 6, 8, 9));
        Assert.Contains(7, (await source.ExecuteAsync(ClusterCommands.Nodes)).Myself!.Slots);
    }

    static RedisCommand Command(string name, string key, params string[] arguments) => new([name, key, .. arguments.Select(argument => (RedisArgument)argument)]);

    static async Task<bool> MoveUntilBrokenAsync(MovingCluster cluster, SlotSet slots, Fuse fuse)
    {
        var source = await cluster.EndAsync(0);
        await using var giver = new BreakingSession(source.Session, fuse);
        var target = await cluster.EndAsync(1);
        await using var taker = new BreakingSession(target.Session, fuse);
        try
        {
            var move = new SlotMove { Source = source with { Session = giver }, Target = target with { Session = taker }, Slots = slots, MaxStall = TimeSpan.FromSeconds(1), Slice = TimeSpan.FromMinutes(1) };
            await new SetSlotMover(TimeProvider.System).MoveAsync(move, CancellationToken.None);
            return false;
        }
        catch (RedisConnectionException)
        {
            return true;
        }
    }

    static async Task<IReadOnlyList<string>> WriteAsync(RedisConnection connection, SlotSet slots)
    {
        var names = KeysOfEveryType.NamesIn(slots.Take(2)).Take(3).ToList();
        var keys = names.Concat(Enumerable.Range(0, 5).Select(number => string.Create(CultureInfo.InvariantCulture, $"{{{names[0]}}}:{number}"))).ToList();
        Assert.All(await connection.ExecuteAsync([.. keys.Select(key => new RedisCommand("SET", key, key))]), reply => Assert.Equal(RespValue.Ok, reply));
        return keys;
    }

    static async Task OpenAsync(MovingCluster cluster, RedisConnection source, RedisConnection target, SlotSet slots)
    {
        var replies = await target.ExecuteAsync([.. slots.Select(slot => ClusterCommands.SetSlotImporting(slot, cluster.Ids[0]))]);
        Assert.All(replies.Concat(await source.ExecuteAsync([.. slots.Select(slot => ClusterCommands.SetSlotMigrating(slot, cluster.Ids[1]))])), reply => Assert.Equal(RespValue.Ok, reply));
    }

    static async Task CopyAsync(RedisConnection source, RedisConnection target, string key)
    {
        var dump = await source.ExecuteAsync(new RedisCommand("DUMP", key));
        var replies = await target.ExecuteAsync([new RedisCommand("ASKING"), new RedisCommand("RESTORE", key, 0, dump.AsMemory())]);
        Assert.Equal(RespValue.Ok, replies[1]);
    }
}
