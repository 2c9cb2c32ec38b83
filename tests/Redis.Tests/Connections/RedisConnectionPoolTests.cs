using Slotwise.Testing;

namespace Slotwise.Redis.Tests;

public sealed class RedisConnectionPoolTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_connection_serves_a_key_and_is_opened_when_needed()
    {
        await using var server = FakeServer.Start(_ => RespValue.Pong);
        await using var pool = Pool();
        var node = pool.Get(server.Endpoint, "a", null);
        Assert.Equal(0, server.Accepted);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PingAsync(pool.Get(server.Endpoint, "a", null))));
        Assert.Equal(1, server.Accepted);
        Assert.Same(node, pool.Get(server.Endpoint, "a", null));
        await PingAsync(pool.Get(server.Endpoint, "b", null));
        Assert.Equal(2, server.Accepted);
    }

    [Fact]
    public async Task A_connection_idle_for_two_minutes_is_closed_and_its_holder_can_still_ask()
    {
        var time = new FakeTimeProvider();
        await using var server = FakeServer.Start(_ => RespValue.Pong);
        await using var pool = Pool(time);
        var node = pool.Get(server.Endpoint, "a", null);
        await PingAsync(node);
        time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(1, server.Open);
        await PingAsync(node);
        time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(1, server.Open);
        Assert.Equal(1, pool.Count);
        time.Advance(TimeSpan.FromSeconds(60));
        await RedisConnectionTests.Eventually(() => server.Open == 0);
        Assert.Equal(0, pool.Count);
        await PingAsync(node);
        await RedisConnectionTests.Eventually(() => server.Open == 0);
        Assert.Equal(2, server.Accepted);
    }

    [Fact]
    public async Task A_connection_in_use_is_not_idle()
    {
        var time = new FakeTimeProvider();
        var answer = new TaskCompletionSource();
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "SLOW")
            {
                await answer.Task.WaitAsync(exchange.Stopping);
            }

            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Ok);
        });
        await using var pool = Pool(time);
        var slow = pool.Get(server.Endpoint, "a", null).ExecuteAsync([new RedisCommand("SLOW")], TimeSpan.FromHours(1), Stop);
        await RedisConnectionTests.Eventually(() => server.Received.Contains("SLOW"));
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, pool.Count);
        pool.Forget("a");
        answer.SetResult();
        Assert.Equal([RespValue.Ok], await slow);
        await RedisConnectionTests.Eventually(() => server.Open == 0);
    }

    [Fact]
    public async Task Another_endpoint_or_other_credentials_close_the_old_connection()
    {
        await using var first = FakeServer.Start(_ => RespValue.Pong);
        await using var second = FakeServer.Start(_ => RespValue.Pong);
        await using var pool = Pool();
        await PingAsync(pool.Get(first.Endpoint, "a", null));
        await PingAsync(pool.Get(second.Endpoint, "a", null));
        await RedisConnectionTests.Eventually(() => first.Open == 0 && second.Open == 1);
        await PingAsync(pool.Get(second.Endpoint, "a", new RedisCredentials("bob", "one")));
        await PingAsync(pool.Get(second.Endpoint, "a", new RedisCredentials("bob", "two")));
        await PingAsync(pool.Get(second.Endpoint, "a", new RedisCredentials("bob", "two")));
        await RedisConnectionTests.Eventually(() => second.Open == 1);
        Assert.Equal(["HELLO 3", "HELLO 3 AUTH bob one", "HELLO 3 AUTH bob two"], second.Received.Where(command => command != "PING"));
        pool.Forget("a");
        await RedisConnectionTests.Eventually(() => second.Open == 0);
        Assert.Equal(0, pool.Count);
    }

    [Fact]
    public async Task A_connection_that_broke_in_use_is_replaced_at_the_next_use()
    {
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "CRASH")
            {
                exchange.Close();
                return;
            }

            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Pong);
        });
        await using var pool = Pool();
        var node = pool.Get(server.Endpoint, "a", null);
        var broken = await Assert.ThrowsAsync<RedisConnectionException>(() => node.ExecuteAsync([new RedisCommand("CRASH")], Patience, Stop));
        Assert.True(broken.MayHaveBeenCarriedOut);
        await PingAsync(node);
        Assert.Equal(2, server.Accepted);
        Assert.Equal(1, server.Open);
    }

    [Fact]
    public async Task A_server_restarted_while_the_connection_was_idle_costs_no_failed_call()
    {
        await using var pool = Pool();
        await using var server = await RedisServer.StartAsync();
        var node = pool.Get(server.Endpoint, "a", null);
        await PingAsync(node);
        await using (var other = await server.ConnectAsync())
        {
            Assert.Equal(1, (await other.ExecuteAsync(new RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"), Stop)).TryGetInteger(out var killed) ? killed : -1);
        }

        await PingAsync(node);
    }

    [Fact]
    public async Task No_more_than_256_connections_are_opened_at_a_time()
    {
        var open = new TaskCompletionSource();
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "HELLO")
            {
                await open.Task.WaitAsync(exchange.Stopping);
            }

            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Pong);
        });
        await using var pool = Pool();
        var pings = Enumerable.Range(0, 300).Select(i => PingAsync(pool.Get(server.Endpoint, $"{i}", null))).ToList();
        await RedisConnectionTests.Eventually(() => server.Received.Count == RedisConnectionPool.MaxDials);
        await Task.Delay(50, Stop);
        Assert.Equal(RedisConnectionPool.MaxDials, server.Accepted);
        open.SetResult();
        await Task.WhenAll(pings);
        Assert.Equal(300, server.Accepted);
    }

    [Fact]
    public async Task The_time_out_covers_connecting_too()
    {
        var time = new FakeTimeProvider();
        await using var server = FakeServer.Start(exchange => exchange.StallAsync());
        await using var pool = new RedisConnectionPool(new RedisConnectionOptions { TimeProvider = time, ConnectTimeout = TimeSpan.FromMinutes(1), CommandTimeout = TimeSpan.FromMinutes(1) });
        var ping = pool.Get(server.Endpoint, "a", null).ExecuteAsync([ServerCommands.Ping], TimeSpan.FromSeconds(1), Stop);
        await RedisConnectionTests.Eventually(() => !server.Received.IsEmpty);
        time.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<RedisTimeoutException>(() => ping);
        Assert.Equal($"{server.Endpoint}: no connection within 1 s", error.Message);
        Assert.False(error.MayHaveBeenCarriedOut);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_told_so()
    {
        await using var server = FakeServer.Start(exchange => exchange.StallAsync());
        await using var pool = Pool();
        using var cancel = new CancellationTokenSource();
        var ping = pool.Get(server.Endpoint, "a", null).ExecuteAsync([ServerCommands.Ping], Patience, cancel.Token);
        await RedisConnectionTests.Eventually(() => !server.Received.IsEmpty);
        await cancel.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping);
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
    }

    [Theory]
    [InlineData("PONG", true)]
    [InlineData("WRONG", false)]
    public async Task Commands_follow_only_upon_the_right_answers(string answer, bool isSent)
    {
        await using var server = FakeServer.Start(command => command[0] == "PING" ? RespValue.SimpleString(answer) : RespValue.Ok);
        await using var pool = Pool();
        var replies = await pool.Get(server.Endpoint, "a", null)
            .ExecuteIfAsync([ServerCommands.Ping], answers => answers[0] == RespValue.Pong, [new RedisCommand("DO")], Patience, Stop);
        Assert.Equal(isSent ? [RespValue.Ok] : null, replies);
        Assert.Equal(isSent, server.Received.Contains("DO"));
    }

    [Fact]
    public async Task Commands_do_not_follow_over_another_connection_than_the_answers()
    {
        await using var server = FakeServer.Start(async exchange =>
        {
            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Pong);
            if (exchange.Command[0] == "PING")
            {
                exchange.Close();
            }
        });
        await using var pool = Pool();
        await Assert.ThrowsAsync<RedisConnectionException>(() => pool.Get(server.Endpoint, "a", null).ExecuteIfAsync(
            [ServerCommands.Ping],
            answers => SpinWait.SpinUntil(() => server.Open == 0, Patience),
            [new RedisCommand("DO")],
            Patience,
            Stop));
        Assert.Equal(1, server.Accepted);
        Assert.DoesNotContain("DO", server.Received);
    }

    static RedisConnectionPool Pool(TimeProvider? time = null) =>
        new(new RedisConnectionOptions { ConnectTimeout = Patience, CommandTimeout = Patience, TimeProvider = time ?? TimeProvider.System });

    static async Task PingAsync(IRedisNode node) => Assert.Equal([RespValue.Pong], await node.ExecuteAsync([ServerCommands.Ping], Patience, Stop));
}
