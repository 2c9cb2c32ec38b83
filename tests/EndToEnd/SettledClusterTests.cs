using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd;

/// <summary>A cluster in its desired state costs nothing (law 7).</summary>
[Collection(SampleClusterTests.Name)]
public sealed class SettledClusterTests(LocalKubernetesFixture kubernetes, SampleCluster sample) : EndToEndTest(kubernetes)
{
    static readonly TimeSpan Watched = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task No_object_of_a_settled_cluster_is_written()
    {
        var before = await SettleAsync(sample.Cluster);

        await Task.Delay(Watched);

        Assert.Equal(before, await sample.Cluster.VersionsAsync());
        Assert.Contains("RedisCluster", before, StringComparison.Ordinal);
        Assert.Contains("orders-2-1", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_operator_finds_nothing_to_write()
    {
        var cluster = new TestCluster(Kubernetes, "inherited", LocalKubernetesFixture.Inherited);
        var first = Kubernetes.StartOperator(cluster.Namespace);
        await cluster.ApplyAsync(3, 1);
        await cluster.WaitUntilReadyAsync();
        await SettleAsync(cluster);
        await first.TerminateAsync();
        var before = await cluster.VersionsAsync();

        var second = Kubernetes.StartOperator(cluster.Namespace);
        await EventuallyAsync("the second operator has started", () => Task.FromResult(second.Tail.Contains("looks after", StringComparison.Ordinal) ? null : second.Tail));
        await Task.Delay(Watched);

        Assert.Equal(before, await cluster.VersionsAsync());

        // It was at work all the time.
        await Kubernetes.KubectlAsync("patch", "rdc", cluster.Name, "-n", cluster.Namespace, "--type", "merge", "-p", """{"spec":{"paused":true}}""");
        await EventuallyAsync("the second operator reports that the cluster is paused", async () =>
            (await cluster.ConditionsAsync())["Reconciling"] is { Reason: "Paused" } ? null : second.Tail);
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    /// <summary>What follows upon Ready, such as the last endpoints, is still written.</summary>
    /// <returns>The versions that stay.</returns>
    static async Task<string> SettleAsync(TestCluster cluster)
    {
        var now = await cluster.VersionsAsync();
        await EventuallyAsync("nothing is written for a second", async () =>
        {
            var earlier = now;
            await Task.Delay(TimeSpan.FromSeconds(1));
            now = await cluster.VersionsAsync();
            return now == earlier ? null : $"{earlier}\nbecame\n{now}";
        });
        return now;
    }
}
