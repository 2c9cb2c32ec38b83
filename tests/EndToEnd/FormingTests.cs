using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd;

public sealed class FormingTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    [Theory]
    [InlineData(3, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    public async Task A_cluster_of_any_shape_becomes_Ready_and_goes_without_a_trace(int shards, int replicas)
    {
        var cluster = new TestCluster(Kubernetes, $"shape-{shards}x{replicas}");
        await cluster.ApplyAsync(shards, replicas);
        await cluster.WaitUntilReadyAsync();

        await cluster.AssertWholeAsync(shards, replicas);

        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }
}
