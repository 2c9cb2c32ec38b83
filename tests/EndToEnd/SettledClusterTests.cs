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
        // What follows upon Ready, such as the last endpoints, is still written.
        var before = await VersionsAsync();
        await EventuallyAsync("nothing is written for a second", async () =>
        {
            var earlier = before;
            await Task.Delay(TimeSpan.FromSeconds(1));
            before = await VersionsAsync();
            return before == earlier ? null : $"{earlier}\nbecame\n{before}";
        });

        await Task.Delay(Watched);

        Assert.Equal(before, await VersionsAsync());
        Assert.Contains("RedisCluster", before, StringComparison.Ordinal);
        Assert.Contains("orders-2-1", before, StringComparison.Ordinal);
    }

    /// <summary>Every object of the cluster and every event about it, with its version.</summary>
    async Task<string> VersionsAsync()
    {
        const string Columns = "custom-columns=KIND:.kind,NAME:.metadata.name,VERSION:.metadata.resourceVersion";
        var resource = await Kubernetes.KubectlAsync("get", "rdc", "orders", "-o", Columns, "--no-headers");
        var objects = await Kubernetes.KubectlAsync("get", $"{TestCluster.Kinds},persistentvolumeclaims", "-l", sample.Cluster.Selector, "-o", Columns, "--no-headers");
        var events = await Kubernetes.KubectlAsync("get", "events", "--field-selector", "involvedObject.name=orders", "-o", Columns, "--no-headers");
        return resource + objects + events;
    }
}
