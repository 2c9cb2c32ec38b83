using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>What the start script decides (law 5), with real servers and nobody to help them.</summary>
public sealed class GateTests
{
    public static TheoryData<string, string, string> Images => ScriptedCluster.Images;

    public static TheoryData<string> Shells => ["dash", "busybox"];

    [Theory]
    [MemberData(nameof(Images))]
    public async Task A_master_that_lost_its_memory_waits_until_its_replica_was_elected_and_then_follows_it(string shell, string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 3, replicas: 1);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var id = (await master.MyselfAsync()).Id;
        var keys = await cluster.WriteAsync(master, 1000);

        await master.KillAsync();
        await master.StartAsync();

        await Eventually.HoldsAsync("the master is back", async () => await master.StartedAsync() == "redis-replaced.conf" ? null : "not by decision of the gate");
        await cluster.SettledAsync();
        Assert.Equal((id, (await replica.MyselfAsync()).Id), ((await master.MyselfAsync()).Id, (await master.MyselfAsync()).MasterId));
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
        Assert.Contains("waiting until it is the master", master.ReadLog(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dash", 1)]
    [InlineData("busybox", 1)]
    [InlineData("dash", 2)]
    public async Task Where_there_is_no_majority_it_waits_for_whoever_promotes_the_replica(string shell, int shards)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards, replicas: 1);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var keys = await cluster.WriteAsync(master, 1000);

        await master.KillAsync();
        await master.StartAsync();
        await Eventually.HoldsAsync("it says what it waits for", async () =>
            (await master.AskGateAsync())?.Contains("orders-0-1 still has them", StringComparison.Ordinal) == true ? null : "it does not");

        // twice the time in which a replica copies a master that came back empty
        await Task.Delay(TimeSpan.FromSeconds(12), TestContext.Current.CancellationToken);
        Assert.Equal(keys, await replica.KeysAsync());
        await Assert.ThrowsAnyAsync<RedisConnectionException>(master.ConnectAsync);

        await replica.AskAsync(ClusterCommands.Failover(FailoverMode.Takeover));
        await cluster.SettledAsync();
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Servers_that_all_lost_their_memory_come_back_empty(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 3, replicas: 1);
        await cluster.WriteAsync(cluster[0, 0], 10);

        await Task.WhenAll(cluster.Pods.Select(pod => pod.KillAsync()));
        await Task.WhenAll(cluster.Pods.Select(pod => pod.StartAsync()));

        await cluster.SettledAsync();
        Assert.Equal(["redis-emptied.conf", "redis.conf"], [await cluster[0, 0].StartedAsync(), await cluster[0, 1].StartedAsync()]);
        Assert.Equal(0, await cluster[0, 0].KeysAsync());
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Two_that_both_were_the_master_and_lost_it_do_not_wait_for_each_other_for_ever(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 3, replicas: 1);
        var (first, second) = (cluster[0, 0], cluster[0, 1]);
        await first.KillAsync();
        await Eventually.HoldsAsync("the replica was elected", async () => (await second.MyselfAsync()) is { IsMaster: true, Slots.IsEmpty: false } ? null : "it was not");
        await second.KillAsync();

        await first.StartAsync();
        await second.StartAsync();

        // Which of the two has the slots depends on who came first: the other ones may elect the first again.
        await cluster.SettledAsync();
        var (one, other) = (await first.MyselfAsync(), await second.MyselfAsync());
        Assert.Equal(one.IsMaster ? (null, one.Id) : (other.Id, null), (one.MasterId, other.MasterId));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Without_replicas_it_starts_as_it_was(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 3, replicas: 0);
        var master = cluster[0, 0];
        await cluster.WriteAsync(master, 10);

        await master.KillAsync();
        await master.StartAsync();

        await cluster.SettledAsync();
        Assert.Equal("redis-emptied.conf", await master.StartedAsync());
    }
}
