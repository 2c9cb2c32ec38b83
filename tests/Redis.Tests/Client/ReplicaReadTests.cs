namespace Slotwise.Redis.Tests;

public sealed class ReplicaReadTests
{
    static readonly RedisClusterClientOptions Patient = new()
    {
        Connection = new RedisConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(10), CommandTimeout = TimeSpan.FromSeconds(20) },
        Timeout = TimeSpan.FromSeconds(30),
    };

    static readonly RedisCallOptions FromReplica = new() { ReadFrom = ReadFrom.Replica, IsIdempotent = true };
    static readonly RedisCommand Get = new("GET", "a");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replica_of_a_real_cluster_answers_reads_and_the_master_gets_the_writes()
    {
        await using var cluster = await FormedCluster.StartAsync(1, replicas: 1);
        await using var client = await RedisClusterClient.ConnectAsync([cluster[1].Endpoint], null, Patient, Stop);
        await client.ExecuteAsync(new RedisCommand("SET", "a", "1"), Stop);
        await FormedCluster.UntilAsync("the replica has it", async () => (await client.ExecuteAsync(Get, FromReplica, Stop)).AsText() == "1");

        await using var master = await cluster[0].ConnectAsync();
        await using var replica = await cluster[1].ConnectAsync();
        Assert.DoesNotContain("cmdstat_get:", (await master.ExecuteAsync(new RedisCommand("INFO", "commandstats"), Stop)).AsText()!, StringComparison.Ordinal);
        Assert.Contains("cmdstat_get:", (await replica.ExecuteAsync(new RedisCommand("INFO", "commandstats"), Stop)).AsText()!, StringComparison.Ordinal);

        // a write goes to the master, whatever was chosen
        Assert.Equal(RespValue.Ok, await client.ExecuteAsync(new RedisCommand("SET", "a", "2"), FromReplica, Stop));
        Assert.Equal("2", (await client.ExecuteAsync(Get, Stop)).AsText());
    }

    [Fact]
    public async Task A_connection_is_read_only_just_for_reads_of_replicas()
    {
        FakeServer? master = null;
        await using var node = master = FakeServer.Start(command => command[0] switch
        {
            "CLUSTER" => ClusterOfFakes.Slots(master!.Endpoint, master.Endpoint),
            "READONLY" or "READWRITE" => RespValue.Ok,
            _ => RespValue.Text("a"),
        });
        await using var client = await RedisClusterClient.ConnectAsync([node.Endpoint], null, Patient, Stop);
        foreach (var options in new[] { FromReplica, FromReplica, RedisCallOptions.Default, RedisCallOptions.Default, FromReplica })
        {
            Assert.Equal("a", (await client.ExecuteAsync(Get, options, Stop)).AsText());
        }

        Assert.Equal(["READONLY", "GET a", "GET a", "READWRITE", "GET a", "GET a", "READONLY", "GET a"], node.Commands());
    }

    [Fact]
    public async Task A_replica_that_is_gone_is_replaced_by_the_master_at_once()
    {
        RedisEndpoint gone;
        await using (var server = FakeServer.Start(_ => RespValue.Ok))
        {
            gone = server.Endpoint;
        }

        FakeServer? master = null;
        await using var node = master = FakeServer.Start(command => command[0] == "CLUSTER" ? ClusterOfFakes.Slots(master!.Endpoint, gone) : RespValue.Text("master"));
        await using var client = await RedisClusterClient.ConnectAsync([node.Endpoint], null, Patient, Stop);
        Assert.Equal("master", (await client.ExecuteAsync(Get, FromReplica, Stop)).AsText());
        Assert.Equal(1, client.Counts.Unreached);
    }

    [Theory]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    [InlineData("MASTERDOWN Link with MASTER is down")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    public async Task A_replica_that_cannot_answer_leaves_it_to_the_master(string refusal)
    {
        FakeServer? first = null;
        await using var replica = FakeServer.Start(command => command[0] == "READONLY" ? RespValue.Ok : RespValue.Error(refusal));
        await using var master = first = FakeServer.Start(command => command[0] == "CLUSTER" ? ClusterOfFakes.Slots(first!.Endpoint, replica.Endpoint) : RespValue.Text("master"));
        await using var client = await RedisClusterClient.ConnectAsync([master.Endpoint], null, Patient, Stop);
        Assert.Equal("master", (await client.ExecuteAsync(Get, FromReplica, Stop)).AsText());
        Assert.Equal(["READONLY", "GET a"], replica.Commands());
    }
}
