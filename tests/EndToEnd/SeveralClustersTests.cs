using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd;

public sealed class SeveralClustersTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    /// <summary>Each must know its own servers only (law 6): <see cref="TestCluster.AssertWholeAsync"/> compares them with the pods.</summary>
    [Fact]
    public async Task Neighbours_in_a_namespace_and_namesakes_in_two_form_at_the_same_time_and_stay_apart()
    {
        TestCluster[] clusters =
        [
            new(Kubernetes, "orders", LocalKubernetesFixture.Blue),
            new(Kubernetes, "carts", LocalKubernetesFixture.Blue),
            new(Kubernetes, "orders", LocalKubernetesFixture.Green),
        ];
        await Task.WhenAll(clusters.Select(cluster => cluster.ApplyAsync(3, 1)));

        await Task.WhenAll(clusters.Select(cluster => cluster.WaitUntilReadyAsync()));

        foreach (var cluster in clusters)
        {
            await cluster.AssertWholeAsync(3, 1);
        }

        // One goes, its neighbour and its namesake stay as they are.
        await clusters[0].DeleteAsync();
        await clusters[0].WaitUntilGoneAsync();
        foreach (var cluster in clusters[1..])
        {
            await cluster.AssertWholeAsync(3, 1);
            Assert.Equal("True", (await cluster.ConditionsAsync())["Ready"].Status);
        }

        await Task.WhenAll(clusters[1..].Select(cluster => cluster.DeleteAsync()));
        await Task.WhenAll(clusters.Select(cluster => cluster.WaitUntilGoneAsync()));
    }
}
