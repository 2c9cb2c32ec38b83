using System.Diagnostics;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>What start.sh does before and while a server comes to be, with real ones.</summary>
public sealed class StartTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(6);

    /// <summary>The kubelet sends its signal once, and the first process of a container loses one that it does not handle: the pod would be there for its whole grace.</summary>
    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task A_pod_that_is_deleted_while_its_server_starts_ends_soon(string shell)
    {
        await using var cluster = await ScriptedCluster.StartAsync(shell, "redis", "7.0", shards: 1, replicas: 0);
        var pod = cluster[0, 0];
        await pod.KillAsync();
        cluster.Slow("redis-server");
        await pod.StartAsync();
        await pod.RunsAsync("redis-server");
        var took = Stopwatch.StartNew();

        await pod.HandOverAsync();
        await pod.SignalAsync("TERM");
        await pod.EndedAsync();

        Assert.InRange(took.Elapsed, TimeSpan.Zero, Soon);
    }

    /// <summary>A pod that was deleted by force while its host was cut off is ended beside the start of the next one of its name.</summary>
    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task A_server_waits_until_the_one_that_has_its_volume_has_ended(string shell)
    {
        await using var cluster = await ScriptedCluster.StartAsync(shell, "redis", "7.0", shards: 2, replicas: 0);
        var (first, second) = (cluster[0, 0], cluster[1, 0]);
        var id = (await first.MyselfAsync()).Id;
        await second.KillAsync();
        second.Share(first);

        await second.StartAsync();
        await Eventually.HoldsAsync("it says what it waits for", () =>
            Task.FromResult(second.ReadLog().Contains("still runs on this volume", StringComparison.Ordinal) ? null : second.Log));
        await first.KillAsync();

        await Eventually.HoldsAsync("it runs", async () => (await second.MyselfAsync()).Id == id ? null : "under another id");
    }
}
