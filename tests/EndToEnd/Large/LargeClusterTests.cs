using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd.Large;

/// <summary>Sixty real servers on one machine: asking them how they are, every other second, takes most of two processors.</summary>
public sealed class LargeClusterTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    const int Shards = 30;

    [Fact]
    public async Task Thirty_shards_become_Ready_and_go_without_a_trace()
    {
        var cluster = new TestCluster(Kubernetes, "large");
        await cluster.ApplyAsync(Shards, replicas: 1);
        await cluster.WaitUntilReadyAsync(pods: Shards * 2);

        await cluster.AssertWholeAsync(Shards, replicas: 1);

        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync(pods: Shards * 2);
    }
}
