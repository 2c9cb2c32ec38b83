using System.Diagnostics;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>What a server that lost its memory makes of others that do not answer, or answer for somebody else (laws 5 and 9).</summary>
public sealed class WaitingGateTests
{
    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task A_replica_that_does_not_answer_is_waited_for_as_it_may_have_the_last_copy(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 1, replicas: 1);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var keys = await cluster.WriteAsync(master, 1000);
        await replica.SignalAsync("STOP");
        await master.KillAsync();
        await master.StartAsync();

        // longer than twice cluster-node-timeout
        await Eventually.HoldsAsync("it says what it waits for", async () =>
            (await master.AskGateAsync())?.Contains("only orders-0-1 may have them", StringComparison.Ordinal) == true ? null : master.ReadLog());
        await replica.SignalAsync("CONT");

        await Eventually.HoldsAsync("it found it", async () =>
            (await master.AskGateAsync())?.Contains("orders-0-1 still has them", StringComparison.Ordinal) == true ? null : master.ReadLog());
        await replica.AskAsync(ClusterCommands.Failover(FailoverMode.Takeover));
        await cluster.SettledAsync();
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task Only_an_annotation_with_its_own_id_lets_it_start_empty_without_a_replica_that_is_gone(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 1, replicas: 1);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var (id, other) = ((await master.MyselfAsync()).Id, (await replica.MyselfAsync()).Id);
        await cluster.WriteAsync(master, 10);
        await replica.KillAsync();
        cluster.Name(master.Name);
        await master.KillAsync();
        await master.StartAsync();
        await Eventually.HoldsAsync("it says what would help", async () =>
            (await master.AskGateAsync())?.Contains($"slotwise.dev/start-empty={id}", StringComparison.Ordinal) == true ? null : master.ReadLog());

        await master.AllowEmptyStartAsync(other);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.NotNull(await master.AskGateAsync());

        await master.AllowEmptyStartAsync(id);
        await Eventually.HoldsAsync("it started", async () => await master.StartedAsync() == "redis-resigned.conf" ? null : "by another decision");
        Assert.Equal(0, await master.KeysAsync());
    }

    /// <summary>Another pod at the address that the name of the replica led to says nothing about the replica.</summary>
    [Fact]
    public async Task An_answer_of_another_pod_does_not_count()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1, ("cluster-node-timeout", "4000"));
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var keys = await cluster.WriteAsync(master, 1000);
        cluster.Misname(replica, cluster[1, 1]);

        await master.KillAsync();
        await master.StartAsync();

        // the other masters tell it that the replica was elected
        await Eventually.HoldsAsync("the master is back", async () => await master.StartedAsync() == "redis-replaced.conf" ? null : "not by decision of the gate");
        await cluster.SettledAsync();
        Assert.Equal((keys, keys), (await master.KeysAsync(), await replica.KeysAsync()));
    }

    /// <summary>A pod without a volume has a new id each time, and may get the address of the one before: its replica would copy it.</summary>
    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task A_new_server_at_the_address_of_a_lost_master_waits_until_nobody_follows_that(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 3, replicas: 1);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        var keys = await cluster.WriteAsync(master, 1000);
        await master.KillAsync();
        foreach (var file in Directory.EnumerateFiles(master.Data))
        {
            File.Delete(file);
        }

        await master.StartAsync();

        await Eventually.HoldsAsync("the replica was elected", async () => (await replica.MyselfAsync()).IsMaster ? null : master.ReadLog());
        await Eventually.HoldsAsync("the new server is there", async () => await master.StartedAsync() == "redis.conf" ? null : "by a decision");
        Assert.Equal(keys, await replica.KeysAsync());
    }

    /// <summary>It would be copied by the replica of a master that was at its address, which has the last copy of its shard.</summary>
    [Theory]
    [InlineData("dash", true)]
    [InlineData("busybox", true)]
    [InlineData("dash", false)]
    public async Task A_server_of_another_shard_at_the_address_of_a_lost_master_waits_until_nobody_follows_that(string shell, bool isNew)
    {
        // Two masters are no majority, so none of their replicas is elected.
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 2, replicas: 1);
        var (lost, replica, other) = (cluster[0, 0], cluster[0, 1], cluster[1, 1]);
        var keys = await cluster.WriteAsync(lost, 1000);
        await other.KillAsync();
        await lost.KillAsync();
        if (isNew)
        {
            Directory.Delete(other.Data, recursive: true);
            Directory.CreateDirectory(other.Data);
        }

        other.Move(lost);
        await other.StartAsync();

        await Eventually.HoldsAsync("it says what it waits for", async () =>
            (await other.AskGateAsync())?.Contains("the master of orders-0-1 was at this address", StringComparison.Ordinal) == true ? null : other.ReadLog());
        await replica.AskAsync(ClusterCommands.Failover(FailoverMode.Takeover));
        await Eventually.HoldsAsync("it started", async () => await other.StartedAsync() == "redis.conf" ? null : "by a decision");
        Assert.Equal(keys, await replica.KeysAsync());
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task It_ends_at_once_when_its_pod_is_deleted(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 1, replicas: 1);
        var master = cluster[0, 0];
        await cluster.WriteAsync(master, 10);
        await master.KillAsync();
        await master.StartAsync();
        await Eventually.HoldsAsync("it waits", async () => await master.AskGateAsync() is not null ? null : "it does not");
        var took = Stopwatch.StartNew();

        await master.SignalAsync("TERM");
        await master.EndedAsync();

        Assert.InRange(took.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }
}
