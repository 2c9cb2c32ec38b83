using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>What the start script makes of what is on the volume (law 5): append-only files that are whole, broken or of an earlier life, and dumps.</summary>
public sealed class DiskGateTests
{
    static readonly (string, string)[] Aof = [("appendonly", "yes")];

    [Theory]
    [InlineData("dash", "redis", "7.0")]
    [InlineData("busybox", "redis", "7.0")]
    [InlineData("dash", "redis", "8.0")]
    [InlineData("dash", "valkey", "9")]
    public async Task A_master_that_writes_everything_at_once_starts_at_once(string shell, string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 1, replicas: 1, [.. Aof, ("appendfsync", "always")]);
        var master = cluster[0, 0];
        var keys = await cluster.WriteAsync(master, 1000);

        await master.KillAsync();
        await master.StartAsync();

        await cluster.SettledAsync();
        Assert.True((await master.MyselfAsync()).IsMaster);
        Assert.Equal(("redis.conf", keys), (await master.StartedAsync(), await master.KeysAsync()));
    }

    /// <summary>Writes that had not reached the file had reached the replica.</summary>
    [Theory]
    [InlineData("dash", "redis", "7.0")]
    [InlineData("busybox", "redis", "7.0")]
    [InlineData("dash", "redis", "8.0")]
    [InlineData("dash", "valkey", "9")]
    public async Task A_master_that_writes_every_second_gives_way_to_the_replica_that_lived_on(string shell, string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 3, replicas: 1, Aof);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var keys = await cluster.WriteAsync(master, 1000);

        await master.KillAsync();
        await master.StartAsync();

        await Eventually.HoldsAsync("the master is back", async () => await master.StartedAsync() == "redis-replaced.conf" ? null : "not by decision of the gate");
        await cluster.SettledAsync();
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
    }

    /// <summary>When its connection broke says nothing of what had come over it; what the master told on the bus does.</summary>
    [Theory]
    [InlineData("dash", "redis", "7.0")]
    [InlineData("busybox", "redis", "7.0")]
    [InlineData("dash", "redis", "8.0")]
    [InlineData("dash", "valkey", "9")]
    public async Task It_does_not_give_way_to_a_replica_that_lacks_what_it_told_of(string shell, string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 3, replicas: 1, Aof);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var (ours, theirs) = ((await master.MyselfAsync()).Id, (await replica.MyselfAsync()).Id);
        await cluster.WriteAsync(master, 10);
        await replica.AskAsync(ServerCommands.ConfigSet("masteruser", "nobody"));
        await master.AskAsync("CLIENT", "KILL", "TYPE", "replica");
        var keys = await cluster.WriteAsync(master, 1000, copies: 0);
        await Eventually.HoldsAsync("the replica hears of the writes", async () => await replica.AskAsync(ClusterCommands.Offsets) is var told && told[ours] > told[theirs] ? null : "not yet");

        await master.KillAsync();
        await master.StartAsync();
        await Eventually.HoldsAsync("the master is back", async () => await master.StartedAsync() == "redis.conf" ? null : "by decision of the gate");
        await replica.AskAsync(ServerCommands.ConfigSet("masteruser", "slotwise-replication"));

        await cluster.SettledAsync();
        Assert.True((await master.MyselfAsync()).IsMaster);
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task It_starts_with_its_file_when_nobody_promotes_that_replica(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 1, replicas: 1, Aof);
        var master = cluster[0, 0];
        await cluster.WriteAsync(master, 1000);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        await master.KillAsync();
        await master.StartAsync();

        await cluster.SettledAsync();
        Assert.Contains("for at most 8 s", master.ReadLog(), StringComparison.Ordinal);
        Assert.True((await master.MyselfAsync()).IsMaster);
        Assert.Equal(("redis.conf", 1000), (await master.StartedAsync(), await master.KeysAsync()));
    }

    /// <summary>Where there is no other master nobody else knows that it took over, and what is written here meanwhile would be lost.</summary>
    [Theory]
    [InlineData("dash", "everysec")]
    [InlineData("busybox", "everysec")]
    [InlineData("dash", "always")]
    public async Task It_waits_for_a_replica_that_took_over_and_does_not_answer(string shell, string appendfsync)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 1, replicas: 1, [.. Aof, ("appendfsync", appendfsync)]);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var keys = await cluster.WriteAsync(master, 1000);
        await master.KillAsync();
        await replica.AskAsync(ClusterCommands.Failover(FailoverMode.Takeover));
        await Eventually.HoldsAsync("the replica is the master", async () => (await replica.MyselfAsync()).IsMaster ? null : "not yet");
        await replica.SignalAsync("STOP");

        await master.StartAsync();
        await Eventually.HoldsAsync("it says what it waits for", async () =>
            (await master.AskGateAsync())?.Contains("nobody else can tell: orders-0-1;", StringComparison.Ordinal) == true ? null : master.ReadLog());
        await replica.SignalAsync("CONT");

        await Eventually.HoldsAsync("it is back", async () => await master.StartedAsync() == "redis-replaced.conf" ? null : "not by decision of the gate");
        await cluster.SettledAsync();
        Assert.True((await replica.MyselfAsync()).IsMaster);
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
    }

    [Fact]
    public async Task Servers_with_files_that_were_stopped_together_do_not_wait_for_each_other()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1, [.. Aof, ("cluster-node-timeout", "15000")]);
        var master = cluster[0, 0];
        var keys = await cluster.WriteAsync(master, 1000);
        await Task.WhenAll(cluster.Pods.Select(pod => pod.SignalAsync("TERM")));
        await Task.WhenAll(cluster.Pods.Select(pod => pod.EndedAsync()));
        await Task.WhenAll(cluster.Pods.Select(pod => pod.KillAsync()));

        await Task.WhenAll(cluster.Pods.Select(pod => pod.StartAsync()));

        await cluster.SettledAsync();
        Assert.DoesNotContain("waiting until it is the master", master.ReadLog(), StringComparison.Ordinal);
        Assert.Equal((keys, keys), (await master.KeysAsync(), await cluster[0, 1].KeysAsync()));
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task One_with_parts_missing_is_set_aside_and_the_replica_takes_over(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 3, replicas: 1, Aof);
        var master = cluster[0, 0];
        var keys = await cluster.WriteAsync(master, 1000);

        await master.KillAsync();
        File.Delete(Directory.EnumerateFiles(Path.Combine(master.Data, "appendonlydir"), "*.incr.aof").Single());
        await master.StartAsync();

        await Eventually.HoldsAsync("the master is back", async () => await master.StartedAsync() == "redis-replaced.conf" ? null : "not by decision of the gate");
        await cluster.SettledAsync();
        Assert.Equal((keys, keys), (await master.KeysAsync(), await cluster[0, 1].KeysAsync()));
        Assert.Single(Directory.EnumerateDirectories(master.Data, "appendonlydir-set-aside-*"));
    }

    /// <summary>The file is from before the server lived in memory alone, so the replica has more.</summary>
    [Fact]
    public async Task One_of_an_earlier_life_does_not_count()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1, Aof);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        await cluster.WriteAsync(master, 10);
        await master.AskAsync(ServerCommands.ConfigSet("appendonly", "no"));
        cluster.Configure(master, "appendonly", "no");
        await master.KillAsync();
        await master.StartAsync();
        await Eventually.HoldsAsync("the master is back", async () => await master.StartedAsync() == "redis-replaced.conf" ? null : "not by decision of the gate");
        await cluster.SettledAsync();

        // until the replica has forgotten the votes of its election, with which it would make itself master under an old epoch
        await Task.Delay(TimeSpan.FromSeconds(9), TestContext.Current.CancellationToken);
        await master.AskAsync(ClusterCommands.Failover(FailoverMode.Takeover));
        await cluster.SettledAsync();
        var keys = await cluster.WriteAsync(master, 1000);

        cluster.Configure(master, "appendonly", "yes");
        await master.KillAsync();
        await master.StartAsync();

        await Eventually.HoldsAsync("the master is back", async () => await master.StartedAsync() == "redis-replaced.conf" ? null : "not by decision of the gate");
        await cluster.SettledAsync();
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
    }

    [Theory]
    [InlineData("dash", "redis", "7.0")]
    [InlineData("busybox", "redis", "7.0")]
    [InlineData("dash", "valkey", "9")]
    public async Task Servers_that_were_stopped_together_come_back_from_their_dumps(string shell, string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 3, replicas: 1, ("save", "3600 1"));
        var master = cluster[0, 0];
        var keys = await cluster.WriteAsync(master, 1000);

        foreach (var pod in cluster.Pods)
        {
            await pod.SignalAsync("TERM");
        }

        foreach (var pod in cluster.Pods)
        {
            await pod.EndedAsync();
            await pod.KillAsync();
            await pod.StartAsync();
        }

        await cluster.SettledAsync();
        Assert.Equal("redis-restored.conf", await master.StartedAsync());
        Assert.Equal((keys, keys), (await master.KeysAsync(), await cluster[0, 1].KeysAsync()));
    }

    [Fact]
    public async Task A_dump_does_not_count_against_a_replica_that_lived_on()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1, ("save", "3600 1"));
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        await cluster.WriteAsync(master, 10);
        await master.AskAsync("SAVE");
        var keys = await cluster.WriteAsync(master, 1000);

        await master.KillAsync();
        await master.StartAsync();

        await Eventually.HoldsAsync("the master is back", async () => await master.StartedAsync() == "redis-replaced.conf" ? null : "not by decision of the gate");
        await cluster.SettledAsync();
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
    }

    /// <summary>The replica that was stopped as it should be has more than the dump of a master that was killed.</summary>
    [Fact]
    public async Task Of_two_dumps_the_older_one_waits()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 1, replicas: 1, ("save", "3600 1"));
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        await cluster.WriteAsync(master, 10);
        await master.AskAsync("SAVE");
        var keys = await cluster.WriteAsync(master, 1000);
        await replica.SignalAsync("TERM");
        await replica.EndedAsync();
        await replica.KillAsync();
        await master.KillAsync();

        await Task.WhenAll(master.StartAsync(), replica.StartAsync());

        await Eventually.HoldsAsync("it says what it waits for", async () =>
            (await master.AskGateAsync())?.Contains("orders-0-1 still has them", StringComparison.Ordinal) == true ? null : master.ReadLog());
        Assert.Equal(keys, await replica.KeysAsync());
    }
}
