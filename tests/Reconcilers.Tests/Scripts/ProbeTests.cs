using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>What the kubelet is told of a server, with real ones.</summary>
public sealed class ProbeTests
{
    static readonly string[] Probes = ["startup", "readiness", "liveness"];

    [Theory]
    [MemberData(nameof(ScriptedCluster.Images), MemberType = typeof(ScriptedCluster))]
    public async Task Masters_and_replicas_in_sync_are_ready(string shell, string product, string version)
    {
        await using var cluster = await ScriptedCluster.FormAsync(shell, product, version, shards: 1, replicas: 1);
        foreach (var pod in cluster.Pods)
        {
            foreach (var probe in Probes)
            {
                Assert.Equal((0, ""), await pod.RunAsync(ConfigMaps.ProbeScript, probe));
            }
        }
    }

    /// <summary>Who has no majority keeps its place in the Service and in the budget; who lost its master does not.</summary>
    [Fact]
    public async Task A_lost_majority_takes_no_master_out_of_the_service()
    {
        await using var cluster = await ScriptedCluster.FormAsync("dash", "redis", "7.0", shards: 3, replicas: 1);
        await Task.WhenAll(cluster[1, 0].KillAsync(), cluster[1, 1].KillAsync(), cluster[2, 0].KillAsync(), cluster[2, 1].KillAsync());
        await Eventually.HoldsAsync("the majority is lost", async () => (await cluster[0, 0].AskAsync(ClusterCommands.Info)).IsOk ? "it is not" : null);
        Assert.Equal((0, ""), await cluster[0, 0].RunAsync(ConfigMaps.ProbeScript, "readiness"));

        await cluster[0, 0].KillAsync();
        await Eventually.HoldsAsync("the replica is not ready", async () => (await cluster[0, 1].RunAsync(ConfigMaps.ProbeScript, "readiness")).Code == 1 ? null : "it is");
        Assert.Equal(0, (await cluster[0, 1].RunAsync(ConfigMaps.ProbeScript, "liveness")).Code);
    }

    [Fact]
    public async Task A_server_without_a_cluster_is_ready_so_that_one_can_be_formed()
    {
        await using var cluster = await ScriptedCluster.StartAsync("dash", "redis", "7.0", shards: 1, replicas: 0);
        Assert.Equal((0, ""), await cluster[0, 0].RunAsync(ConfigMaps.ProbeScript, "readiness"));
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task A_server_that_hangs_is_not_alive_and_one_that_runs_a_slow_script_is(string shell)
    {
        await using var cluster = await ScriptedCluster.StartAsync(shell, "redis", "7.0", shards: 1, replicas: 0, ("busy-reply-threshold", "100"));
        var pod = cluster[0, 0];
        await pod.SignalAsync("STOP");
        var (code, said) = await pod.RunAsync(ConfigMaps.ProbeScript, "liveness");
        await pod.SignalAsync("CONT");
        Assert.Equal(1, code);
        Assert.StartsWith("no answer: ", said, StringComparison.Ordinal);

        await using var connection = await pod.ConnectAsync();
        await using var other = await pod.ConnectAsync();
        var script = connection.ExecuteAsync(new RedisCommand("EVAL", "while true do end", 0));
        await Eventually.HoldsAsync("the server is busy", async () =>
        {
            var answer = await other.ExecuteAsync([new RedisCommand("PING")]);
            return answer[0].IsError ? null : "it is not";
        });
        Assert.Equal((0, ""), await pod.RunAsync(ConfigMaps.ProbeScript, "liveness"));
        await other.ExecuteAsync(new RedisCommand("SCRIPT", "KILL"));
        await Assert.ThrowsAsync<RedisServerException>(() => script);
    }

    [Fact]
    public async Task A_server_that_hangs_while_it_saves_is_alive()
    {
        await using var cluster = await ScriptedCluster.StartAsync("dash", "redis", "7.0", shards: 1, replicas: 0);
        var pod = cluster[0, 0];
        await pod.RunAsync(ConfigMaps.ProbeScript, "liveness");
        await pod.SignalAsync("STOP");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(pod.Data, "temp-1.rdb"), "a part of it");
            Assert.Equal(0, (await pod.RunAsync(ConfigMaps.ProbeScript, "liveness")).Code);

            // nothing was added since
            Assert.Equal(1, (await pod.RunAsync(ConfigMaps.ProbeScript, "liveness")).Code);
        }
        finally
        {
            await pod.SignalAsync("CONT");
        }
    }

    [Fact]
    public async Task A_server_that_loads_has_started_and_is_not_ready()
    {
        await using var cluster = await ScriptedCluster.StartAsync("dash", "redis", "7.0", shards: 1, replicas: 0, ("save", "3600 1"), ("enable-debug-command", "yes"), ("key-load-delay", "2000"), ("loading-process-events-interval-bytes", "1024"));
        var pod = cluster[0, 0];
        await pod.AskAsync("CLUSTER", "ADDSLOTSRANGE", 0, 16383);
        await Eventually.HoldsAsync("it serves", async () => (await pod.AskAsync("DEBUG", "POPULATE", 5000)).IsError ? "not yet" : null);
        await pod.AskAsync("SAVE");
        await pod.KillAsync();
        await pod.StartAsync();
        await Eventually.HoldsAsync("it loads", async () => (await pod.AskAsync(ServerCommands.Info("persistence"))).IsLoading ? null : "it does not");
        Assert.Equal(0, (await pod.RunAsync(ConfigMaps.ProbeScript, "startup")).Code);
        Assert.Equal(0, (await pod.RunAsync(ConfigMaps.ProbeScript, "liveness")).Code);
        Assert.Equal(1, (await pod.RunAsync(ConfigMaps.ProbeScript, "readiness")).Code);
    }
}
