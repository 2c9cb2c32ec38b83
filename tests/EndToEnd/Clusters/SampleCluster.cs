using Slotwise.Entities.Tests;

namespace Slotwise.EndToEnd.Clusters;

/// <summary>The sample that the documentation shows, applied as it says and Ready.</summary>
public sealed class SampleCluster(LocalKubernetesFixture kubernetes) : IAsyncLifetime
{
    internal TestCluster Cluster { get; } = new(kubernetes, "orders");

    public async ValueTask InitializeAsync()
    {
        await kubernetes.ApplyAsync(Repository.Read("config/samples/rediscluster.yaml"));
        await Cluster.WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DeleteAsync();
        await Cluster.WaitUntilGoneAsync();
    }
}

/// <summary>Tests that share the sample, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SampleClusterTests : ICollectionFixture<SampleCluster>
{
    public const string Name = "sample cluster";
}
