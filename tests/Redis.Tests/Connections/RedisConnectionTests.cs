using Slotwise.Testing;

namespace Slotwise.Redis.Tests;

public sealed class RedisConnectionTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly RedisConnectionOptions Patient = new() { ConnectTimeout = Patience, CommandTimeout = Patience };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replies_come_in_order_however_the_bytes_arrive()
    {
        await using var server = FakeServer.Start(exchange => exchange.TrickleAsync(
            exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Array(RespValue.Text(exchange.Command[1]), RespValue.Integer(7))));
        await using var connection = await ConnectAsync(server);
        var replies = await connection.ExecuteAsync([.. Enumerable.Range(0, 20).Select(i => new RedisCommand("ECHO", i))], Stop);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => RespValue.Array(RespValue.Text($"{i}"), RespValue.Integer(7))), replies);
        Assert.Equal(3, connection.Protocol);
    }

    [Fact]
    public async Task Batches_of_many_callers_keep_their_replies()
    {
        await using var server = FakeServer.Start(command => RespValue.Text(command[1]));
        await using var connection = await ConnectAsync(server);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async caller =>
        {
            var replies = await connection.ExecuteAsync([new RedisCommand("ECHO", caller), new RedisCommand("ECHO", caller + 1000)], Stop);
            Assert.Equal([RespValue.Text($"{caller}"), RespValue.Text($"{caller + 1000}")], replies);
        }));
    }

    [Fact]
    public async Task An_error_is_a_value_in_a_batch_and_an_exception_alone()
    {
        await using var server = FakeServer.Start(command => command[0] == "PING" ? RespValue.Pong : RespValue.Error("LOADING Redis is loading the dataset in memory"));
        await using var connection = await ConnectAsync(server);
        var replies = await connection.ExecuteAsync([new RedisCommand("GET", "a"), ServerCommands.Ping], Stop);
        Assert.Equal("LOADING", replies[0].ErrorCode);
        Assert.Equal(RespValue.Pong, replies[1]);
        var error = await Assert.ThrowsAsync<RedisServerException>(() => connection.ExecuteAsync(new RedisCommand("GET", "a"), Stop));
        Assert.Equal("LOADING", error.Code);
        Assert.Equal("PONG", await connection.ExecuteAsync(ServerCommands.Ping, Stop));
    }

    [Fact]
    public async Task Pushes_are_not_taken_for_replies()
    {
        await using var server = FakeServer.Start(async exchange =>
        {
            await exchange.ReplyAsync(RespValue.Push(RespValue.Text("message"), RespValue.Text("x")));
            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Pong);
        });
        await using var connection = await ConnectAsync(server);
        Assert.Equal("PONG", await connection.ExecuteAsync(ServerCommands.Ping, Stop));
    }

    [Fact]
    public async Task A_cancelled_command_closes_the_connection_so_that_no_later_reply_is_shifted()
    {
        var late = new TaskCompletionSource();
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "SLOW")
            {
                await late.Task.WaitAsync(exchange.Stopping);
            }

            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Text(exchange.Command[0]));
        });
        await using var connection = await ConnectAsync(server);
        using var cancel = new CancellationTokenSource();
        var slow = connection.ExecuteAsync([new RedisCommand("SLOW")], cancel.Token);
        await Eventually(() => server.Received.Contains("SLOW"));
        await cancel.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
        late.SetResult();
        Assert.False(connection.IsUsable);
        var closed = await Assert.ThrowsAsync<RedisConnectionException>(() => connection.ExecuteAsync(new RedisCommand("NEXT"), Stop));
        Assert.False(closed.MayHaveBeenCarriedOut);
        Assert.DoesNotContain("NEXT", server.Received);
    }

    [Fact]
    public async Task A_command_cancelled_while_it_waits_for_its_turn_leaves_the_connection_whole()
    {
        var answer = new TaskCompletionSource();
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "SLOW")
            {
                await answer.Task.WaitAsync(exchange.Stopping);
            }

            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Text(exchange.Command[0]));
        });
        await using var connection = await ConnectAsync(server);
        var slow = connection.ExecuteAsync(new RedisCommand("SLOW"), Stop);
        await Eventually(() => server.Received.Contains("SLOW"));
        using var cancel = new CancellationTokenSource();
        var waiting = connection.ExecuteAsync(new RedisCommand("WAITING"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        answer.SetResult();
        Assert.Equal(RespValue.Text("SLOW"), await slow);
        Assert.Equal(RespValue.Text("NEXT"), await connection.ExecuteAsync(new RedisCommand("NEXT"), Stop));
        Assert.DoesNotContain("WAITING", server.Received);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_times_out_on_the_given_clock()
    {
        var time = new FakeTimeProvider();
        await using var server = FakeServer.Start(exchange => exchange.Command[0] == "HELLO" ? exchange.ReplyAsync(RespValue.Map()) : exchange.StallAsync());
        await using var connection = await RedisConnection.ConnectAsync(server.Endpoint, null, new RedisConnectionOptions { TimeProvider = time }, Stop);
        var ping = connection.ExecuteAsync(ServerCommands.Ping, Stop);
        await Eventually(() => server.Received.Contains("PING"));
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(ping.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var error = await Assert.ThrowsAsync<RedisTimeoutException>(() => ping);
        Assert.Equal($"{server.Endpoint}: no answer to PING within 1 s", error.Message);
        Assert.True(error.MayHaveBeenCarriedOut);
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task A_server_that_accepts_and_stays_silent_is_given_up_after_the_time_of_a_command()
    {
        var time = new FakeTimeProvider();
        await using var server = FakeServer.Start(exchange => exchange.StallAsync());
        var connecting = RedisConnection.ConnectAsync(server.Endpoint, new RedisCredentials("bob", "secret"), new RedisConnectionOptions { TimeProvider = time }, Stop);
        await Eventually(() => !server.Received.IsEmpty);
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(connecting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var error = await Assert.ThrowsAsync<RedisTimeoutException>(() => connecting);
        Assert.Equal($"{server.Endpoint}: no answer to the greeting within 1 s", error.Message);
        Assert.False(error.MayHaveBeenCarriedOut);
        await Eventually(() => server.Open == 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$5\r\nab")]
    [InlineData("*2\r\n:1\r\n")]
    public async Task A_server_that_hangs_up_half_way_breaks_the_connection(string before)
    {
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "HELLO")
            {
                await exchange.ReplyAsync(RespValue.Map());
                return;
            }

            await exchange.SendAsync(before);
            exchange.Close();
        });
        await using var connection = await ConnectAsync(server);
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => connection.ExecuteAsync(ServerCommands.Ping, Stop));
        Assert.Contains($"{server.Endpoint}: the connection broke during PING", error.Message, StringComparison.Ordinal);
        Assert.True(error.MayHaveBeenCarriedOut);
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task What_is_no_redis_is_a_connection_error()
    {
        await using var server = FakeServer.Start(exchange => exchange.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"));
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectAsync(server));
    }

    [Fact]
    public async Task Nobody_listening_is_a_connection_error_with_the_address()
    {
        RedisEndpoint endpoint;
        await using (var server = FakeServer.Start(_ => RespValue.Ok))
        {
            endpoint = server.Endpoint;
        }

        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisConnection.ConnectAsync(endpoint, null, Patient, Stop));
        Assert.StartsWith($"{endpoint}: cannot connect: ", error.Message, StringComparison.Ordinal);
        Assert.False(error.MayHaveBeenCarriedOut);
        var unknown = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisConnection.ConnectAsync(new RedisEndpoint("no such host", 1), null, Patient, Stop));
        Assert.StartsWith("no such host:1: ", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_an_idle_connection_is_noticed_before_it_is_used()
    {
        var close = new TaskCompletionSource();
        await using var server = FakeServer.Start(async exchange =>
        {
            await exchange.ReplyAsync(RespValue.Map());
            await close.Task.WaitAsync(exchange.Stopping);
            exchange.Close();
        });
        await using var connection = await ConnectAsync(server);
        Assert.True(connection.IsUsable);
        close.SetResult();
        await Eventually(() => !connection.IsUsable);
    }

    [Fact]
    public async Task Closing_the_connection_ends_the_batch_in_flight()
    {
        await using var server = FakeServer.Start(exchange => exchange.Command[0] == "HELLO" ? exchange.ReplyAsync(RespValue.Map()) : exchange.StallAsync());
        var connection = await ConnectAsync(server);
        var ping = connection.ExecuteAsync(ServerCommands.Ping, Stop);
        await Eventually(() => server.Received.Contains("PING"));
        await connection.DisposeAsync();
        await Assert.ThrowsAsync<RedisConnectionException>(() => ping);
    }

    [Fact]
    public async Task A_batch_goes_out_in_one_write()
    {
        await using var server = FakeServer.Start(_ => RespValue.Pong);
        await using var stream = new CountingStream();
        await using var connection = new RedisConnection(server.Endpoint, Patient, new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp), stream);
        await connection.ExecuteAsync([ServerCommands.Ping, ServerCommands.Ping, ServerCommands.Ping, new RedisCommand("SET", "a", new byte[100_000])], Stop);
        Assert.Equal(1, stream.Writes);
        Assert.Equal(1, stream.Reads);
    }

    static Task<RedisConnection> ConnectAsync(FakeServer server, RedisCredentials? credentials = null) =>
        RedisConnection.ConnectAsync(server.Endpoint, credentials, Patient, Stop);

    internal static async Task Eventually(Func<bool> condition)
    {
        for (var start = System.Diagnostics.Stopwatch.StartNew(); !condition(); await Task.Delay(5, Stop))
        {
            Assert.True(start.Elapsed < Patience, "it did not happen in time");
        }
    }

    /// <summary>Answers four commands, and counts.</summary>
    sealed class CountingStream : MemoryStream
    {
        public int Writes { get; private set; }

        public int Reads { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            return ValueTask.CompletedTask;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Reads++;
            var replies = "+PONG\r\n+PONG\r\n+PONG\r\n+OK\r\n"u8;
            replies.CopyTo(buffer.Span);
            return ValueTask.FromResult(replies.Length);
        }
    }
}
