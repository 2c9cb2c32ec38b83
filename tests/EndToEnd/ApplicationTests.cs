using Slotwise.EndToEnd.Clusters;
using StackExchange.Redis;

namespace Slotwise.EndToEnd;

/// <summary>An application that knows one address, and a client library that finds the rest of the cluster from there.</summary>
[Collection(SampleClusterTests.Name)]
public sealed class ApplicationTests(LocalKubernetesFixture kubernetes, SampleCluster sample) : EndToEndTest(kubernetes)
{
    const int Keys = 5000;

    [Fact]
    public async Task Reads_back_every_key_that_it_wrote()
    {
        var address = (await sample.Cluster.AddressesAsync())[0];
        using var redis = await ConnectionMultiplexer.ConnectAsync($"{address}:6379,abortConnect=true,syncTimeout=30000");
        var database = redis.GetDatabase();

        await Task.WhenAll(Enumerable.Range(0, Keys).Select(index => database.StringSetAsync($"app:{index}", $"value {index}")));

        var values = await Task.WhenAll(Enumerable.Range(0, Keys).Select(index => database.StringGetAsync($"app:{index}")));
        Assert.Equal(Enumerable.Range(0, Keys).Select(index => $"value {index}"), values.Select(value => (string?)value));
        Assert.True(await sample.Cluster.CountKeysAsync() >= Keys, "the masters hold fewer keys than were read");
    }
}
