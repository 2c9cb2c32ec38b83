namespace Slotwise.Redis.Tests;

/// <summary>Where a client goes that is not where the nodes are, and what it does when they go elsewhere.</summary>
public sealed class ClientAddressTests
{
    static readonly RedisClusterClientOptions Patient = new()
    {
        Connection = new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(10), CommandTimeout = TimeSpan.FromSeconds(20) },
        Timeout = TimeSpan.FromSeconds(30),
    };

    static readonly RedisCommand Get = new("GET", "a");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Announced_addresses_are_reached_where_the_caller_says()
    {
        var (here, there) = (new RedisEndpoint("192.0.2.1", 6379), new RedisEndpoint("192.0.2.2", 6379));
        await using var second = FakeServer.Start(_ => RespValue.Text("second"));
        await using var first = FakeServer.Start(command => command[0] == "CLUSTER" ? ClusterOfFakes.Slots(here) : RespValue.Error($"MOVED 15495 {there}"));
        var forwards = new Dictionary<RedisEndpoint, RedisEndpoint> { [here] = first.Endpoint, [there] = second.Endpoint };
        var options = Patient with { Remap = announced => forwards.GetValueOrDefault(announced, announced) };
        await using var client = await RedisClusterClient.ConnectAsync([here], null, options, Stop);
        Assert.Equal("second", (await client.ExecuteAsync(Get, Stop)).AsText());
        Assert.Equal(there, client.MasterOf(15495));
    }

    [Theory]
    [InlineData("MOVED 15495 :{0}")]
    [InlineData("MOVED 15495 ?:{0}")]
    [InlineData("ASK 15495 :{0}")]
    public async Task A_redirection_without_a_host_stays_on_the_host_that_gave_it(string refusal)
    {
        await using var second = FakeServer.Start(command => command[0] == "ASKING" ? RespValue.Ok : RespValue.Text("second"));
        await using var first = FakeServer.Start(command => command[0] == "CLUSTER" ? RespValue.Array()
            : RespValue.Error(refusal.Replace("{0}", second.Endpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        await using var client = await RedisClusterClient.ConnectAsync([first.Endpoint], null, Patient, Stop);
        Assert.Equal("second", (await client.ExecuteAsync(Get, Stop)).AsText());
    }

    [Fact]
    public async Task A_thousand_redirections_are_followed_at_once_and_cost_few_questions()
    {
        var questions = 0;
        FakeServer? source = null;
        FakeServer? target = null;
        RespValue Slots()
        {
            Interlocked.Increment(ref questions);
            return ClusterOfFakes.Slots(source!.Endpoint);
        }

        await using var second = target = FakeServer.Start(command => command[0] == "CLUSTER" ? Slots() : RespValue.Ok);
        await using var first = source = FakeServer.Start(command => command[0] == "CLUSTER" ? Slots() : RespValue.Error($"MOVED {SlotHash.Of(command[1])} {target.Endpoint}"));
        await using var client = await RedisClusterClient.ConnectAsync([first.Endpoint], null, Patient, Stop);
        for (var i = 0; i < 1000; i++)
        {
            await client.ExecuteAsync(new RedisCommand("SET", $"key:{i}", "x"), Stop);
        }

        Assert.InRange(client.Counts.Moved, 900, 10_000);
        Assert.InRange(questions, 1, 50);
        Assert.Equal(0, client.Counts.Unreached);
    }

    [Fact]
    public async Task Idempotent_commands_are_repeated_when_the_connection_breaks()
    {
        var breaks = 2;
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "GET" && Interlocked.Decrement(ref breaks) >= 0)
            {
                exchange.Close();
                return;
            }

            await exchange.ReplyAsync(exchange.Command[0] switch { "HELLO" => RespValue.Map(), "CLUSTER" => RespValue.Array(), _ => RespValue.Text("a") });
        });
        await using var client = await RedisClusterClient.ConnectAsync([server.Endpoint], null, Patient, Stop);
        Assert.Equal("a", (await client.ExecuteAsync(Get, new RedisCallOptions { IsIdempotent = true }, Stop)).AsText());
        Assert.Equal(3, server.Commands().Count());
    }

    [Fact]
    public async Task All_connections_busy_is_an_error_that_says_so_and_is_not_waited_for_twice()
    {
        await using var server = FakeServer.Start(async exchange =>
        {
            if (exchange.Command[0] == "GET")
            {
                await exchange.StallAsync();
                return;
            }

            await exchange.ReplyAsync(exchange.Command[0] == "HELLO" ? RespValue.Map() : RespValue.Array());
        });
        var options = Patient with { MaxConnectionsPerNode = 1, BusyTimeout = TimeSpan.FromMilliseconds(100) };
        await using var client = await RedisClusterClient.ConnectAsync([server.Endpoint], null, options, Stop);
        using var enough = new CancellationTokenSource();
        var stalled = client.ExecuteAsync(Get, enough.Token);
        await RedisConnectionTests.Eventually(() => server.Commands().Any());
        await Assert.ThrowsAsync<RedisBusyException>(() => client.ExecuteAsync(Get, Stop));
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stalled);
    }
}
