using Slotwise.Testing;

namespace Slotwise.Redis.Tests;

public sealed class ClientConnectionPoolTests
{
    static readonly RedisClusterClientOptions Patient = new()
    {
        Connection = new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(10), CommandTimeout = TimeSpan.FromSeconds(20) },
        BusyTimeout = TimeSpan.FromSeconds(30),
    };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_was_given_back_is_used_again()
    {
        await using var server = FakeServer.Start(_ => RespValue.Ok);
        await using var pool = new ClientConnectionPool(Patient, null);
        for (var i = 0; i < 5; i++)
        {
            pool.Return(await pool.RentAsync(server.Endpoint, Stop));
        }

        Assert.Equal(1, server.Accepted);
        Assert.Equal(1, pool.Count);
    }

    [Fact]
    public async Task No_more_connections_are_opened_to_a_node_than_there_may_be_and_who_waits_gets_the_next_one()
    {
        await using var server = FakeServer.Start(_ => RespValue.Ok);
        await using var pool = new ClientConnectionPool(Patient with { MaxConnectionsPerNode = 2 }, null);
        var first = await pool.RentAsync(server.Endpoint, Stop);
        await pool.RentAsync(server.Endpoint, Stop);
        var third = pool.RentAsync(server.Endpoint, Stop);
        var fourth = pool.RentAsync(server.Endpoint, Stop);
        Assert.False(third.IsCompleted);
        pool.Return(first);
        Assert.Same(first, await third);
        Assert.False(fourth.IsCompleted);
        pool.Return(await third);
        Assert.Same(first, await fourth);
        Assert.Equal(2, server.Accepted);
    }

    [Fact]
    public async Task Idle_connections_make_way_where_no_more_are_allowed_in_all()
    {
        await using var first = FakeServer.Start(_ => RespValue.Ok);
        await using var second = FakeServer.Start(_ => RespValue.Ok);
        await using var third = FakeServer.Start(_ => RespValue.Ok);
        await using var pool = new ClientConnectionPool(Patient with { MaxConnections = 2 }, null);
        pool.Return(await pool.RentAsync(first.Endpoint, Stop));
        pool.Return(await pool.RentAsync(second.Endpoint, Stop));
        await pool.RentAsync(third.Endpoint, Stop);
        await RedisConnectionTests.Eventually(() => first.Open == 0);
        Assert.Equal(1, second.Open);
        Assert.Equal(2, pool.Count);
    }

    [Fact]
    public async Task A_node_that_nobody_may_connect_to_yet_holds_up_nobody_else()
    {
        await using var busy = FakeServer.Start(_ => RespValue.Ok);
        await using var free = FakeServer.Start(_ => RespValue.Ok);
        await using var pool = new ClientConnectionPool(Patient with { MaxConnectionsPerNode = 1 }, null);
        var held = await pool.RentAsync(busy.Endpoint, Stop);
        var waiting = pool.RentAsync(busy.Endpoint, Stop);
        pool.Return(await pool.RentAsync(free.Endpoint, Stop));
        Assert.False(waiting.IsCompleted);
        pool.Return(held);
        await waiting;
    }

    [Fact]
    public async Task Who_waits_for_too_long_is_told_what_to_change()
    {
        await using var server = FakeServer.Start(_ => RespValue.Ok);
        await using var pool = new ClientConnectionPool(Patient with { MaxConnectionsPerNode = 1, BusyTimeout = TimeSpan.FromMilliseconds(50) }, null);
        var held = await pool.RentAsync(server.Endpoint, Stop);
        var error = await Assert.ThrowsAsync<RedisBusyException>(() => pool.RentAsync(server.Endpoint, Stop));
        Assert.Contains("1 to a node, 128 in all", error.Message, StringComparison.Ordinal);
        Assert.False(error.MayHaveBeenCarriedOut);

        // who gave up has left the line
        pool.Return(held);
        Assert.Same(held, await pool.RentAsync(server.Endpoint, Stop));
    }

    [Fact]
    public async Task Who_stops_waiting_leaves_the_line()
    {
        await using var server = FakeServer.Start(_ => RespValue.Ok);
        await using var pool = new ClientConnectionPool(Patient with { MaxConnectionsPerNode = 1 }, null);
        var held = await pool.RentAsync(server.Endpoint, Stop);
        using var given = new CancellationTokenSource();
        var waiting = pool.RentAsync(server.Endpoint, given.Token);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        pool.Return(held);
        Assert.Same(held, await pool.RentAsync(server.Endpoint, Stop));
    }

    [Fact]
    public async Task A_node_that_cannot_be_reached_takes_no_place()
    {
        RedisEndpoint gone;
        await using (var server = FakeServer.Start(_ => RespValue.Ok))
        {
            gone = server.Endpoint;
        }

        await using var pool = new ClientConnectionPool(Patient with { MaxConnectionsPerNode = 1, MaxConnections = 1 }, null);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<RedisConnectionException>(() => pool.RentAsync(gone, Stop));
        }

        Assert.Equal(0, pool.Count);
    }

    [Fact]
    public async Task A_connection_that_the_server_closed_is_replaced()
    {
        await using var server = FakeServer.Start(async exchange =>
        {
            await exchange.ReplyAsync(RespValue.Map());
            if (exchange.Command[0] == "QUIT")
            {
                exchange.Close();
            }
        });
        await using var pool = new ClientConnectionPool(Patient with { MaxConnectionsPerNode = 1 }, null);
        var broken = await pool.RentAsync(server.Endpoint, Stop);
        await broken.ExecuteAsync([new RedisCommand("QUIT")], readOnly: false, TimeSpan.FromSeconds(20), Stop);
        await RedisConnectionTests.Eventually(() => server.Open == 0);
        pool.Return(broken);
        Assert.NotSame(broken, await pool.RentAsync(server.Endpoint, Stop));
        Assert.Equal(2, server.Accepted);
        Assert.Equal(1, pool.Count);
    }

    [Fact]
    public async Task Connections_that_nobody_needed_for_long_are_closed()
    {
        var time = new FakeTimeProvider();
        await using var server = FakeServer.Start(_ => RespValue.Ok);
        await using var pool = new ClientConnectionPool(Patient with { Connection = Patient.Connection with { TimeProvider = time } }, null);
        pool.Return(await pool.RentAsync(server.Endpoint, Stop));
        time.Advance(RedisConnectionPool.MaxIdle - TimeSpan.FromSeconds(31));
        Assert.Equal(1, pool.Count);
        time.Advance(TimeSpan.FromSeconds(61));
        await RedisConnectionTests.Eventually(() => pool.Count == 0 && server.Open == 0);
    }
}
