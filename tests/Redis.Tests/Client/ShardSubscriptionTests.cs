namespace Slotwise.Redis.Tests;

public sealed class ShardSubscriptionTests
{
    static readonly RedisClusterClientOptions Patient = new()
    {
        Connection = new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(10), CommandTimeout = TimeSpan.FromSeconds(20) },
        Timeout = TimeSpan.FromSeconds(30),
    };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_of_all_shards_arrive_and_follow_a_slot_that_moves()
    {
        await using var cluster = await FormedCluster.StartAsync(2);
        await using var client = await RedisClusterClient.ConnectAsync([cluster[0].Endpoint], null, Patient, Stop);
        string[] channels = ["a", "b", "c", "d"];
        Assert.Equal(2, channels.Select(channel => cluster.OwnerOf(SlotHash.Of(channel))).Distinct().Count());
        await using var subscription = client.Subscribe(channels);
        await subscription.WaitUntilSubscribedAsync(Stop);
        foreach (var channel in channels)
        {
            Assert.Equal(1, await PublishAsync(client, channel, $"to {channel}"));
        }

        Assert.Equal(channels.Select(channel => $"{channel}: to {channel}"), (await ReadAsync(subscription, channels.Length)).Order(StringComparer.Ordinal));

        var slot = SlotHash.Of("a");
        await cluster.MoveEmptySlotAsync(slot, 1 - cluster.OwnerOf(slot));
        await FormedCluster.UntilAsync("somebody listens where the slot went", async () => await PublishAsync(client, "a", "moved") == 1);
        Assert.Contains("a: moved", await ReadAsync(subscription, 1));
        Assert.Equal(1, subscription.Interruptions);
        foreach (var channel in channels)
        {
            Assert.Equal(1, await PublishAsync(client, channel, "still"));
        }
    }

    [Fact]
    public async Task A_connection_that_breaks_is_replaced()
    {
        await using var cluster = await FormedCluster.StartAsync(1);
        await using var client = await RedisClusterClient.ConnectAsync([cluster[0].Endpoint], null, Patient, Stop);
        await using var subscription = client.Subscribe(["a", "b"]);
        await subscription.WaitUntilSubscribedAsync(Stop);
        await using var administrator = await cluster[0].ConnectAsync();
        await administrator.ExecuteAsync(new RedisCommand("CLIENT", "KILL", "TYPE", "pubsub"), Stop);
        await FormedCluster.UntilAsync("somebody listens again", async () => await PublishAsync(client, "b", "again") == 1);
        Assert.Equal(["b: again"], await ReadAsync(subscription, 1));
        await FormedCluster.UntilAsync("to the other channel as well", async () => await PublishAsync(client, "a", "again") == 1);
        Assert.Equal(2, subscription.Interruptions);
    }

    [Fact]
    public async Task Who_stops_listening_leaves_no_connection_and_no_reader_waiting()
    {
        await using var cluster = await FormedCluster.StartAsync(1);
        await using var client = await RedisClusterClient.ConnectAsync([cluster[0].Endpoint], null, Patient, Stop);
        var subscription = client.Subscribe(["a"]);
        await subscription.WaitUntilSubscribedAsync(Stop);
        var reading = ReadAsync(subscription, int.MaxValue);
        await subscription.DisposeAsync();
        Assert.Empty(await reading);
        await FormedCluster.UntilAsync("nobody listens", async () => await PublishAsync(client, "a", "x") == 0);
    }

    [Fact]
    public async Task A_server_that_is_silent_is_given_up()
    {
        var subscriptions = 0;
        await using var server = FakeServer.Start(async exchange =>
        {
            switch (exchange.Command[0])
            {
                case "HELLO":
                    await exchange.ReplyAsync(RespValue.Map());
                    break;
                case "CLUSTER":
                    await exchange.ReplyAsync(RespValue.Array());
                    break;
                case "SSUBSCRIBE":
                    Interlocked.Increment(ref subscriptions);
                    await exchange.ReplyAsync(RespValue.Push(RespValue.Text("ssubscribe"), RespValue.Text("a"), RespValue.Integer(1)));
                    break;
            }
        });
        var hasty = Patient with { Connection = Patient.Connection with { CommandTimeout = TimeSpan.FromMilliseconds(100) } };
        await using var client = await RedisClusterClient.ConnectAsync([server.Endpoint], null, hasty, Stop);
        await using var subscription = client.Subscribe(["a"]);
        await RedisConnectionTests.Eventually(() => Volatile.Read(ref subscriptions) >= 2);
    }

    static async Task<long> PublishAsync(RedisClusterClient client, string channel, string text) =>
        (await client.ExecuteAsync(new RedisCommand("SPUBLISH", channel, text), Stop)).TryGetInteger(out var receivers) ? receivers : -1;

    static async Task<List<string>> ReadAsync(ShardSubscription subscription, int count)
    {
        List<string> texts = [];
        await foreach (var message in subscription.ReadAllAsync(Stop))
        {
            texts.Add($"{message.Channel}: {System.Text.Encoding.UTF8.GetString(message.Payload.Span)}");
            if (texts.Count == count)
            {
                break;
            }
        }

        return texts;
    }
}
