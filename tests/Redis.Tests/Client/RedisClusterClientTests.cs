using System.Diagnostics;

namespace Slotwise.Redis.Tests;

public sealed class RedisClusterClientTests
{
    static readonly RedisClusterClientOptions Patient = new()
    {
        Connection = new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(10), CommandTimeout = TimeSpan.FromSeconds(20) },
        Timeout = TimeSpan.FromSeconds(30),
    };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_keys_are_written_and_read_back_from_a_real_cluster()
    {
        await using var servers = await ServerGroup.StartAsync(3);
        await FormAsync(servers);
        await using var client = await RedisClusterClient.ConnectAsync([servers[0].Endpoint], null, Patient, Stop);
        var keys = Enumerable.Range(0, 10_000).Select(i => $"key:{i}").ToList();
        var written = await client.ExecuteAsync([.. keys.Select(key => new RedisCommand("SET", key, "value of " + key))], Stop);
        Assert.All(written, reply => Assert.Equal(RespValue.Ok, reply));
        var read = await client.ExecuteAsync([.. keys.Select(key => new RedisCommand("GET", key))], Stop);
        Assert.Equal(keys.Select(key => RespValue.Text("value of " + key)), read);
        foreach (var server in servers)
        {
            await using var connection = await server.ConnectAsync();
            Assert.InRange(await connection.ExecuteAsync(ServerCommands.DbSize, Stop), 3000, 3700);
        }
    }

    [Fact]
    public async Task A_slot_that_moves_is_followed_while_it_moves_and_afterwards()
    {
        await using var servers = await ServerGroup.StartAsync(3);
        var ids = await FormAsync(servers);
        await using var client = await RedisClusterClient.ConnectAsync([servers[0].Endpoint], null, Patient, Stop);
        await client.ExecuteAsync(new RedisCommand("SET", "{a}1", "one"), Stop);
        var slot = SlotHash.Of("{a}1");
        var from = SlotPartition.Split(3).ToList().FindIndex(share => share.Contains(slot));
        var to = (from + 1) % 3;
        await using var source = await servers[from].ConnectAsync();
        await using var target = await servers[to].ConnectAsync();
        await target.ExecuteAsync(ClusterCommands.SetSlotImporting(slot, ids[from]), Stop);
        await source.ExecuteAsync(ClusterCommands.SetSlotMigrating(slot, ids[to]), Stop);

        // the key that is there is answered by the source, the one that is not by the target (ASK)
        Assert.Equal(RespValue.Text("one"), await client.ExecuteAsync(new RedisCommand("GET", "{a}1"), Stop));
        Assert.Equal(RespValue.Ok, await client.ExecuteAsync(new RedisCommand("SET", "{a}2", "two"), Stop));
        Assert.Equal(1, await target.ExecuteAsync(ClusterCommands.CountKeysInSlot(slot), Stop));

        await source.ExecuteAsync(new RedisCommand("MIGRATE", "127.0.0.1", servers[to].Endpoint.Port, "{a}1", 0, 10_000), Stop);
        await target.ExecuteAsync(ClusterCommands.SetSlotNode(slot, ids[to]), Stop);
        await source.ExecuteAsync(ClusterCommands.SetSlotNode(slot, ids[to]), Stop);
        var replies = await client.ExecuteAsync([new RedisCommand("GET", "{a}1"), new RedisCommand("GET", "{a}2"), new RedisCommand("GET", "{a}3")], Stop);
        Assert.Equal([RespValue.Text("one"), RespValue.Text("two"), RespValue.Null], replies);
    }

    [Fact]
    public async Task A_redirection_is_learnt_and_not_met_again()
    {
        await using var second = FakeServer.Start(command => RespValue.Text("from the second"));
        await using var first = FakeServer.Start(command => command[0] == "CLUSTER"
            ? RespValue.Array()
            : RespValue.Error($"MOVED {SlotHash.Of(command[1])} {second.Endpoint}"));
        await using var client = await RedisClusterClient.ConnectAsync([first.Endpoint], null, Patient, Stop);
        Assert.Equal(RespValue.Text("from the second"), await client.ExecuteAsync(new RedisCommand("GET", "a"), Stop));
        Assert.Equal(RespValue.Text("from the second"), await client.ExecuteAsync(new RedisCommand("GET", "a"), Stop));
        Assert.Single(first.Received, command => command == "GET a");
    }

    [Fact]
    public async Task Ask_is_followed_with_asking_and_only_once()
    {
        await using var second = FakeServer.Start(command => command[0] == "ASKING" ? RespValue.Ok : RespValue.Text("second"));
        await using var first = FakeServer.Start(command => command[0] == "CLUSTER" ? RespValue.Array() : RespValue.Error($"ASK 15495 {second.Endpoint}"));
        await using var client = await RedisClusterClient.ConnectAsync([first.Endpoint], null, Patient, Stop);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal([RespValue.Text("second"), RespValue.Text("second")], await client.ExecuteAsync([new RedisCommand("GET", "a"), new RedisCommand("GET", "{a}b")], Stop));
        }

        Assert.Equal(["ASKING", "GET a", "ASKING", "GET {a}b", "ASKING", "GET a", "ASKING", "GET {a}b"], second.Received.Where(command => !command.StartsWith("HELLO", StringComparison.Ordinal)));
        Assert.Equal(2, first.Received.Count(command => command == "GET a"));
    }

    [Fact]
    public async Task An_ask_that_leads_to_nobody_is_asked_again_at_the_owner()
    {
        RedisEndpoint gone;
        await using (var server = FakeServer.Start(_ => RespValue.Ok))
        {
            gone = server.Endpoint;
        }

        var asked = 0;
        await using var owner = FakeServer.Start(command => command[0] == "CLUSTER" ? RespValue.Array()
            : Interlocked.Increment(ref asked) == 1 ? RespValue.Error($"ASK 15495 {gone}") : RespValue.Text("owner"));
        await using var client = await RedisClusterClient.ConnectAsync([owner.Endpoint], null, Patient, Stop);
        Assert.Equal(RespValue.Text("owner"), await client.ExecuteAsync(new RedisCommand("GET", "a"), Stop));
    }

    [Theory]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    public async Task What_passes_is_waited_for(string error)
    {
        var refusals = 5;
        await using var server = FakeServer.Start(command => command[0] == "CLUSTER" ? RespValue.Array()
            : Interlocked.Decrement(ref refusals) >= 0 ? RespValue.Error(error) : RespValue.Text("done"));
        await using var client = await RedisClusterClient.ConnectAsync([server.Endpoint], null, Patient, Stop);
        Assert.Equal(RespValue.Text("done"), await client.ExecuteAsync(new RedisCommand("GET", "a"), Stop));
    }

    [Fact]
    public async Task What_does_not_pass_ends_with_the_last_refusal()
    {
        await using var server = FakeServer.Start(command => command[0] == "CLUSTER" ? RespValue.Array()
            : command[1] == "b" ? RespValue.Text("b") : RespValue.Error("CLUSTERDOWN The cluster is down"));
        var hasty = Patient with { Timeout = TimeSpan.FromMilliseconds(300) };
        await using var client = await RedisClusterClient.ConnectAsync([server.Endpoint], null, hasty, Stop);
        var replies = await client.ExecuteAsync([new RedisCommand("GET", "a"), new RedisCommand("GET", "b")], Stop);
        Assert.Equal("CLUSTERDOWN", replies[0].ErrorCode);
        Assert.Equal(RespValue.Text("b"), replies[1]);
        Assert.InRange(server.Received.Count(command => command == "GET a"), 3, 30);
        Assert.Equal(1, server.Received.Count(command => command == "GET b"));
        await Assert.ThrowsAsync<RedisServerException>(() => client.ExecuteAsync(new RedisCommand("GET", "a"), Stop));
    }

    [Fact]
    public async Task Two_nodes_that_point_at_each_other_do_not_keep_it_for_ever()
    {
        FakeServer? second = null;
        await using var first = FakeServer.Start(command => command[0] == "CLUSTER" ? RespValue.Array() : RespValue.Error($"MOVED 15495 {second!.Endpoint}"));
        await using var other = second = FakeServer.Start(command => command[0] == "CLUSTER" ? RespValue.Array() : RespValue.Error($"MOVED 15495 {first.Endpoint}"));
        await using var client = await RedisClusterClient.ConnectAsync([first.Endpoint], null, Patient with { Timeout = TimeSpan.FromMilliseconds(300) }, Stop);
        Assert.Equal("MOVED", (await client.ExecuteAsync([new RedisCommand("GET", "a")], Stop))[0].ErrorCode);
        Assert.InRange(first.Received.Count + second.Received.Count, 4, 60);
    }

    [Fact]
    public async Task A_master_that_is_gone_is_replaced_by_the_one_that_took_its_place()
    {
        FakeServer? serving = null;
        RespValue Answer(IReadOnlyList<string> command) => command[0] == "CLUSTER"
            ? RespValue.Array(RespValue.Array(RespValue.Integer(0), RespValue.Integer(16383), RespValue.Array(RespValue.Text(""), RespValue.Integer(serving!.Endpoint.Port))))
            : RespValue.Text(serving!.Endpoint.ToString());
        await using var replica = FakeServer.Start(Answer);
        await using (var master = serving = FakeServer.Start(Answer))
        {
            await using var warm = await RedisClusterClient.ConnectAsync([replica.Endpoint], null, Patient, Stop);
            Assert.Equal(RespValue.Text(master.Endpoint.ToString()), await warm.ExecuteAsync(new RedisCommand("GET", "a"), Stop));
        }

        // the map still names the dead master when the client first asks
        var dead = serving;
        var asked = 0;
        await using var seed = FakeServer.Start(command =>
        {
            serving = Interlocked.Increment(ref asked) > 1 ? replica : dead;
            return Answer(command);
        });
        await using var client = await RedisClusterClient.ConnectAsync([seed.Endpoint], null, Patient, Stop);
        Assert.Equal(RespValue.Text(replica.Endpoint.ToString()), await client.ExecuteAsync(new RedisCommand("GET", "a"), Stop));
    }

    [Fact]
    public async Task Commands_that_may_have_been_carried_out_are_not_repeated()
    {
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "INCR")
            {
                exchange.Close();
                return;
            }

            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Array());
        });
        await using var client = await RedisClusterClient.ConnectAsync([server.Endpoint], null, Patient, Stop);
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => client.ExecuteAsync(new RedisCommand("INCR", "a"), Stop));
        Assert.True(error.MayHaveBeenCarriedOut);
        Assert.Single(server.Received, command => command == "INCR a");
    }

    [Fact]
    public async Task A_cluster_whose_nodes_have_all_moved_is_looked_up_again_and_it_is_known_who_answered()
    {
        FakeServer? before = null;
        FakeServer? after = null;
        var isLookedUp = false;
        var options = Patient with
        {
            FindSeedsAsync = _ =>
            {
                isLookedUp = true;
                return Task.FromResult<IReadOnlyList<RedisEndpoint>>([after!.Endpoint]);
            },
        };
        await using var moved = after = FakeServer.Start(command => command[0] == "CLUSTER" ? ClusterOfFakes.Slots(after!.Endpoint) : RespValue.Text("after"));
        var first = before = FakeServer.Start(command => command[0] == "CLUSTER" ? ClusterOfFakes.Slots(before!.Endpoint) : RespValue.Text("before"));
        await using var client = await RedisClusterClient.ConnectAsync([first.Endpoint], null, options, Stop);
        Assert.Equal((RespValue.Text("before"), before.Endpoint), await client.AskAsync(new RedisCommand("GET", "a"), RedisCallOptions.Default, Stop));
        Assert.False(isLookedUp);
        await first.DisposeAsync();

        var idempotent = new RedisCallOptions { IsIdempotent = true };
        Assert.Equal((RespValue.Text("after"), after.Endpoint), await client.AskAsync(new RedisCommand("GET", "a"), idempotent, Stop));
    }

    [Fact]
    public async Task No_seed_that_answers_is_a_connection_error()
    {
        RedisEndpoint endpoint;
        await using (var server = FakeServer.Start(_ => RespValue.Ok))
        {
            endpoint = server.Endpoint;
        }

        await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClusterClient.ConnectAsync([endpoint], null, Patient, Stop));
    }

    static async Task<NodeId[]> FormAsync(ServerGroup servers)
    {
        var connections = await Task.WhenAll(servers.Select(server => server.ConnectAsync()));
        var shares = SlotPartition.Split(servers.Count);
        for (var i = 0; i < servers.Count; i++)
        {
            await connections[i].ExecuteAsync([ClusterCommands.AddSlotsRange(shares[i]), ClusterCommands.SetConfigEpoch(i + 1)], Stop);
            if (i > 0)
            {
                await connections[i].ExecuteAsync(ClusterCommands.Meet("127.0.0.1", servers[0].Endpoint.Port, servers[0].BusPort), Stop);
            }
        }

        var start = Stopwatch.StartNew();
        while ((await Task.WhenAll(connections.Select(connection => connection.ExecuteAsync(ClusterCommands.Info, Stop)))).Any(info => !info.IsOk))
        {
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(30), "the cluster did not form in time");
            await Task.Delay(20, Stop);
        }

        var ids = await Task.WhenAll(connections.Select(connection => connection.ExecuteAsync(ClusterCommands.MyId, Stop)));
        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
        return ids;
    }
}
