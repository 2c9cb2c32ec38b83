using System.Globalization;

namespace Slotwise.Redis.Tests.SlotMoves;

/// <summary>Moves while clients write, and while servers hang.</summary>
public sealed class BusyClusterTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [MemberData(nameof(MovingCluster.Servers), MemberType = typeof(MovingCluster))]
    public async Task No_write_is_lost_and_none_fails_while_slots_move(string product, string version)
    {
        await using var cluster = await MovingCluster.StartAsync(product, version);
        await using var client = await RedisClusterClient.ConnectAsync([cluster[0].Endpoint]);
        var slots = SlotSet.FromRange(0, 299);
        var names = KeysOfEveryType.NamesIn(slots).Take(600).ToList();
        using var stop = new CancellationTokenSource();
        var progress = new int[4];
        var writers = Enumerable.Range(0, progress.Length).Select(writer => Task.Run(() => CountAsync(client, names, writer, progress, stop.Token))).ToList();

        foreach (var (from, to) in ((int, int)[])[(0, 1), (1, 0), (0, 1)])
        {
            Assert.Empty(await cluster.MoveAsync(from, to, slots));
            await cluster.AssertOwnerAsync(to, from, slots);

            // a client that was sent to the target in this move must not arrive there in the next one
            var written = progress.ToList();
            Assert.True(SpinWait.SpinUntil(() => progress.Zip(written).All(now => now.First >= now.Second + 2), Patience), "a writer is stuck");
        }

        await stop.CancelAsync();
        var counted = await Task.WhenAll(writers);
        Assert.All(counted, counts => Assert.True(counts.Sum() > 100, "the writers hardly wrote"));
        for (var index = 0; index < names.Count; index++)
        {
            var acknowledged = counted.Sum(counts => counts[index]);
            var found = await client.ExecuteAsync(new RedisCommand("GET", names[index]));
            Assert.Equal(acknowledged == 0 ? null : acknowledged.ToString(CultureInfo.InvariantCulture), found.AsText());
        }
    }

    /// <summary>The source breaks off while the target has some of the keys: they are on both, and the source's go on changing.</summary>
    [Fact]
    public async Task A_target_that_hangs_in_the_middle_costs_nothing_but_time()
    {
        await using var cluster = await MovingCluster.StartAsync("redis", "7.0", 2, "--enable-debug-command", "yes");
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        var slots = SlotSet.FromRange(0, 499);
        var names = KeysOfEveryType.NamesIn(slots).Take(3000).ToList();
        await source.ExecuteAsync([.. names.Select(name => new RedisCommand("SET", name, name))]);
        using var stop = new CancellationTokenSource();
        var hanging = HangAsync(target, stop.Token);

        await cluster.MoveUntilDoneAsync(0, 1, slots, move => move with { MaxStall = TimeSpan.FromMilliseconds(50) });

        await stop.CancelAsync();
        Assert.True(await hanging > 0, "the target never hung");
        await cluster.AssertOwnerAsync(1, 0, slots);
        await using var reader = await cluster.ConnectAsync(1);
        Assert.Equal(names.Select(RespValue.Text), await reader.ExecuteAsync([.. names.Select(name => new RedisCommand("GET", name))]));
    }

    /// <summary>Valkey has its replicas confirm a change of slots, and waits for them.</summary>
    [Theory]
    [InlineData("8.1")]
    [InlineData("9")]
    public async Task Replicas_that_must_confirm_are_waited_for(string version)
    {
        await using var cluster = await MovingCluster.StartAsync("valkey", version, 4, "--enable-debug-command", "yes");
        await using var source = await cluster.ConnectAsync(0);
        await using var target = await cluster.ConnectAsync(1);
        await using var replica = await cluster.ConnectAsync(3);
        await cluster.FollowAsync(2, 0);
        await cluster.FollowAsync(3, 1);
        var slots = SlotSet.FromRange(0, 199);
        var names = KeysOfEveryType.NamesIn(slots).Take(300).ToList();
        await source.ExecuteAsync([.. names.Select(name => new RedisCommand("SET", name, name))]);

        Assert.Empty(await cluster.MoveAsync(0, 1, slots));
        await cluster.AssertOwnerAsync(1, 0, slots);

        // a replica that hangs: refused or late, never half lost
        var hanging = replica.ExecuteAsync(new RedisCommand("DEBUG", "SLEEP", "3"));
        await cluster.MoveUntilDoneAsync(1, 0, slots);
        await hanging;

        await cluster.AssertOwnerAsync(0, 1, slots);
        Assert.Equal(names.Select(RespValue.Text), await source.ExecuteAsync([.. names.Select(name => new RedisCommand("GET", name))]));
        Assert.Equal(0, await target.ExecuteAsync(ServerCommands.DbSize));
    }

    /// <summary>Adds one to keys, in an order of its own, and says how often each was acknowledged.</summary>
    static async Task<int[]> CountAsync(RedisClusterClient client, List<string> names, int writer, int[] progress, CancellationToken stop)
    {
        var random = new Random(writer);
        var counts = new int[names.Count];
        while (!stop.IsCancellationRequested)
        {
            var index = random.Next(names.Count);
            await client.ExecuteAsync(new RedisCommand("INCR", names[index]), CancellationToken.None);
            counts[index]++;
            Volatile.Write(ref progress[writer], progress[writer] + 1);
        }

        return counts;
    }

    static async Task<int> HangAsync(RedisConnection target, CancellationToken stop)
    {
        var count = 0;
        for (; count < 20 && !stop.IsCancellationRequested; count++)
        {
            await target.ExecuteAsync([new RedisCommand("DEBUG", "SLEEP", "0.5")], Patience, CancellationToken.None);
            await Task.Delay(5, CancellationToken.None);
        }

        return count;
    }
}
