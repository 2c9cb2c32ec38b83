using System.Diagnostics;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>The hook that runs before a pod's server is stopped, with real servers under writes and nobody to help them.</summary>
public sealed class HandoverTests(ITestOutputHelper output)
{
    public static TheoryData<string, string, string> Images => ScriptedCluster.Images;

    [Theory]
    [MemberData(nameof(Images))]
    public async Task A_master_hands_over_and_loses_no_write(string shell, string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 3, replicas: 1);
        await AssertHandsOverAsync(cluster, cluster[0, 0], cluster[0, 1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_needs_no_majority_besides_the_masters_that_are_there(int shards)
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards, replicas: 1);
        await AssertHandsOverAsync(cluster, cluster[0, 0], cluster[0, 1]);
    }

    /// <summary>As in a rolling restart: each time the candidate is a process that was started since the last handover.</summary>
    [Theory]
    [InlineData("dash", "redis", "7.0")]
    [InlineData("busybox", "redis", "7.0")]
    [InlineData("dash", "valkey", "8.1")]
    public async Task A_new_process_takes_over_right_after_it_gave_the_slots_away_as_the_old_one(string shell, string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 3, replicas: 1, ("cluster-node-timeout", "15000"));
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        for (var round = 0; round < 2; round++)
        {
            await AssertHandsOverAsync(cluster, master, replica);
            await master.KillAsync();
            await master.StartAsync();
            await cluster.SettledAsync();
            (master, replica) = (replica, master);
        }
    }

    /// <summary>
    /// It has the votes of its last election still, and would make itself master by them under an old epoch. The hook waits until voters would vote
    /// again, which is sooner.
    /// </summary>
    [Theory]
    [InlineData("redis", "7.0")]
    [InlineData("redis", "8.0")]
    [InlineData("valkey", "8.1")]
    public async Task A_process_that_won_an_election_a_short_time_ago_is_not_asked(string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", product, version, shards: 3, replicas: 1, ("cluster-node-timeout", "5000"));
        var (first, second) = (cluster[0, 0], cluster[0, 1]);
        await AssertHandsOverAsync(cluster, first, second);
        await cluster.SettledAsync();
        await AssertHandsOverAsync(cluster, second, first);
        await cluster.SettledAsync();

        var (code, said) = await first.HandOverAsync();

        Assert.Equal(0, code);
        Assert.Contains("stood in an election a short time ago", said, StringComparison.Ordinal);
        Assert.True((await first.MyselfAsync()).IsMaster);
    }

    [Fact]
    public async Task Of_several_replicas_one_takes_over_that_has_not_won_an_election_yet()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 2, ("cluster-node-timeout", "4000"));
        var (first, second, third) = (cluster[0, 0], cluster[0, 1], cluster[0, 2]);
        await TakeOverAsync(cluster, second);
        await TakeOverAsync(cluster, first);

        // until the voters vote about the first again
        await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        await AssertHandsOverAsync(cluster, first, third);
    }

    /// <summary>The servers would hold all clients back for five seconds, and then go on as before.</summary>
    [Fact]
    public async Task A_master_does_not_ask_for_votes_that_it_cannot_get_yet()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1, ("cluster-node-timeout", "15000"));
        var (first, second) = (cluster[0, 0], cluster[0, 1]);
        foreach (var (master, replica) in new[] { (first, second), (second, first) })
        {
            await AssertHandsOverAsync(cluster, master, replica);
            await master.KillAsync();
            await master.StartAsync();
            await cluster.SettledAsync();
        }

        await using var writer = await SteadyWriter.StartAsync(cluster, await ScriptedCluster.TagOfAsync(first));
        var (_, said) = await first.HandOverAsync();
        Assert.Contains("do not vote about it again so soon", said, StringComparison.Ordinal);
        Assert.InRange(writer.LongestWait, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task It_waits_for_voters_that_will_vote_again_in_a_few_seconds()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1, ("cluster-node-timeout", "3000"));
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        for (var round = 0; round < 3; round++)
        {
            await AssertHandsOverAsync(cluster, master, replica);
            await master.KillAsync();
            await master.StartAsync();
            await cluster.SettledAsync();
            (master, replica) = (replica, master);
        }
    }

    [Fact]
    public async Task Long_enough_after_its_election_a_process_takes_over_again()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1);
        var (first, second) = (cluster[0, 0], cluster[0, 1]);
        await AssertHandsOverAsync(cluster, first, second);
        await cluster.SettledAsync();
        await AssertHandsOverAsync(cluster, second, first);
        await cluster.SettledAsync();

        // four times cluster-node-timeout after the kubelet first saw it as the master
        Assert.Equal(0, (await first.RunAsync(ConfigMaps.ProbeScript, "readiness")).Code);
        await Task.Delay(TimeSpan.FromSeconds(9), TestContext.Current.CancellationToken);
        await AssertHandsOverAsync(cluster, first, second);
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task There_is_nothing_to_do_for_a_replica_or_without_one(string shell)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, "redis", "7.0", shards: 3, replicas: 1);
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        Assert.Equal((0, ""), await replica.HandOverAsync());
        Assert.True((await master.MyselfAsync()).IsMaster);

        await replica.KillAsync();
        var took = Stopwatch.StartNew();
        var (code, said) = await master.HandOverAsync();
        Assert.Equal(0, code);
        Assert.Contains("no replica can take over", said, StringComparison.Ordinal);
        Assert.InRange(took.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_replica_that_hangs_is_not_asked_and_holds_no_client_up()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1, ("cluster-node-timeout", "15000"));
        var (master, replica) = (cluster[0, 0], cluster[0, 1]);
        await using var writer = await SteadyWriter.StartAsync(cluster, await ScriptedCluster.TagOfAsync(master));
        await replica.SignalAsync("STOP");
        try
        {
            var (code, said) = await master.HandOverAsync();
            Assert.Equal(0, code);
            Assert.Contains("no replica can take over", said, StringComparison.Ordinal);
        }
        finally
        {
            await replica.SignalAsync("CONT");
        }

        await writer.WroteAsync(10);
        Assert.InRange(writer.LongestWait, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_master_that_hangs_is_not_waited_for()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1);
        var master = cluster[0, 0];
        await master.SignalAsync("STOP");
        try
        {
            var took = Stopwatch.StartNew();
            Assert.Equal((0, "handover: the server does not answer\n"), await master.HandOverAsync());
            Assert.InRange(took.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }
        finally
        {
            await master.SignalAsync("CONT");
        }
    }

    /// <summary>A handover that somebody else asks for.</summary>
    static async Task TakeOverAsync(ScriptedCluster cluster, ScriptedPod heir)
    {
        await heir.AskAsync(ClusterCommands.Failover(FailoverMode.Handover));
        await Eventually.HoldsAsync($"{heir.Name} took over", async () => (await heir.MyselfAsync()).IsMaster ? null : "it did not");
        await cluster.SettledAsync();
    }

    async Task AssertHandsOverAsync(ScriptedCluster cluster, ScriptedPod master, ScriptedPod heir)
    {
        await using var writer = await SteadyWriter.StartAsync(cluster, await ScriptedCluster.TagOfAsync(master));
        var took = Stopwatch.StartNew();

        var (code, said) = await master.HandOverAsync();

        took.Stop();
        Assert.Equal(0, code);
        Assert.True(said.EndsWith("has the slots\n", StringComparison.Ordinal), said);
        await writer.WroteAsync(100);
        Assert.True((await heir.MyselfAsync()) is { IsMaster: true, Slots.IsEmpty: false });
        await writer.AssertNothingLostAsync(heir);
        output.WriteLine($"{took.ElapsedMilliseconds} ms for the hook, the longest wait for a write was {writer.LongestWait.TotalMilliseconds:0} ms, {writer.Acknowledged} writes");
        Assert.InRange(took.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(14));
    }
}
