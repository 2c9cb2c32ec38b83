using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Ledger;
using Slotwise.Redis;

namespace Slotwise.EndToEnd.Scaling;

/// <summary>The reason for this operator: a cluster changes its shape under full load, and no application notices.</summary>
[Collection(OneAtATime.Name)]
public sealed class ScalingTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    const int Keys = 30_000;

    [Theory]
    [InlineData("redis-7", "redis:7.0")]
    [InlineData("redis-8", "redis:8.0")]
    [InlineData("valkey-8", "docker.io/valkey/valkey:8")]
    [InlineData("valkey-9", "docker.io/valkey/valkey:9")]
    public async Task Three_shards_become_six_and_three_again_under_full_load(string name, string image)
    {
        var cluster = new TestCluster(Kubernetes, name) { Image = image };
        await cluster.ApplyAsync(3, 1);
        await cluster.WaitUntilReadyAsync();
        await using var dataset = new Dataset(cluster, Keys);
        await dataset.WriteAsync();
        await using (var load = await FullLoad.StartAsync(cluster))
        {
            await cluster.ChangeAsync("\"shards\": 6");
            await cluster.WaitUntilShapedAsync(6, 1, OneAtATime.ScalesWithin);
            await cluster.AssertWholeAsync(6, 1);
            await AssertBalancedAsync(cluster, 6);

            await cluster.ChangeAsync("\"shards\": 3");
            await cluster.WaitUntilShapedAsync(3, 1, OneAtATime.ScalesWithin);
            await cluster.AssertWholeAsync(3, 1);
            await AssertBalancedAsync(cluster, 3);

            var reports = await load.StopAsync();
            reports.AssertNothingWasNoticed();
            Assert.True(reports.Ours.Redirects > 0, "nothing moved under it");
        }

        await dataset.AssertThereAsync();
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    static async Task AssertBalancedAsync(TestCluster cluster, int shards)
    {
        var counts = (await cluster.GetAsync())["status"]!["shards"]!.AsArray().Select(shard => SlotSet.Parse(shard!["slots"]!.GetValue<string>()).Count).ToList();
        Assert.Equal(shards, counts.Count);
        Assert.Equal(SlotSet.SlotCount, counts.Sum());

        // 2 % is what spec.rebalance.tolerancePercent allows by default
        Assert.All(counts, count => Assert.InRange(count, SlotSet.SlotCount / shards * 97 / 100, SlotSet.SlotCount / shards * 103 / 100));
    }
}
