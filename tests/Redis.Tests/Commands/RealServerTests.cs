namespace Slotwise.Redis.Tests;

/// <summary>Commands about one real server, in both protocols.</summary>
public sealed class RealServerTests
{
    const string Library = "#!lua name=mylib\nredis.register_function('one', function() return 1 end)";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Both_protocols_mean_the_same(int protocol)
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.ExecuteAsync(new RedisCommand("HELLO", protocol), Stop);

        Assert.Equal("OK", await connection.ExecuteAsync(ServerCommands.ConfigSet("maxmemory", "100mb"), Stop));
        Assert.Equal("OK", await connection.ExecuteAsync(ServerCommands.ConfigSet([KeyValuePair.Create("hz", "20"), KeyValuePair.Create("timeout", "9")]), Stop));
        var config = await connection.ExecuteAsync(ServerCommands.ConfigGet("maxmemory", "hz", "timeout"), Stop);
        Assert.Equal([KeyValuePair.Create("hz", "20"), KeyValuePair.Create("maxmemory", "104857600"), KeyValuePair.Create("timeout", "9")], config);
        var refused = await Assert.ThrowsAsync<RedisServerException>(() => connection.ExecuteAsync(ServerCommands.ConfigSet("no-such-thing", "1"), Stop));
        Assert.Equal("ERR", refused.Code);

        Assert.Equal("default", await connection.ExecuteAsync(ServerCommands.AclWhoAmI, Stop));
        Assert.Equal(104857600, (await connection.ExecuteAsync(ServerCommands.Info("memory", "server"), Stop)).MaxMemory);
        Assert.True((await connection.ExecuteAsync(ClusterCommands.Nodes, Stop)).Myself!.IsMaster);
        Assert.False((await connection.ExecuteAsync(ClusterCommands.Info, Stop)).IsOk);
    }

    [Fact]
    public async Task Functions_are_carried_from_one_server_to_another()
    {
        await using var servers = await ServerGroup.StartAsync(2);
        await using var source = await servers[0].ConnectAsync();
        await using var target = await servers[1].ConnectAsync();
        await source.ExecuteAsync(new RedisCommand("FUNCTION", "LOAD", Library), Stop);
        var dump = await source.ExecuteAsync(ServerCommands.FunctionDump, Stop);
        Assert.Equal(0, await target.ExecuteAsync(ServerCommands.FunctionLibraryCount, Stop));
        Assert.Equal("OK", await target.ExecuteAsync(ServerCommands.FunctionRestore(dump), Stop));
        Assert.Equal(1, await target.ExecuteAsync(ServerCommands.FunctionLibraryCount, Stop));
        await Assert.ThrowsAsync<RedisServerException>(() => target.ExecuteAsync(ServerCommands.FunctionRestore(dump), Stop));
    }

    [Fact]
    public async Task Any_bytes_of_any_length_come_back()
    {
        await using var server = await RedisServer.StartAsync("--cluster-require-full-coverage", "no");
        await using var connection = await server.ConnectAsync();
        await connection.ExecuteAsync(ClusterCommands.AddSlotsRange(SlotSet.Full), Stop);
        for (var start = System.Diagnostics.Stopwatch.StartNew(); !(await connection.ExecuteAsync(ClusterCommands.Info, Stop)).IsOk; await Task.Delay(10, Stop))
        {
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(30), "the server did not serve in time");
        }

        var random = new Random(7);
        foreach (var length in new[] { 0, 1, 4095, 16384, 65536, 65537, 5_000_000 })
        {
            var value = new byte[length];
            random.NextBytes(value);
            var replies = await connection.ExecuteAsync([new RedisCommand("SET", value.Take(100).ToArray(), value), new RedisCommand("GET", value.Take(100).ToArray())], Stop);
            Assert.Equal(RespValue.Ok, replies[0]);
            Assert.True(value.AsSpan().SequenceEqual(replies[1].Bytes));
        }
    }
}
