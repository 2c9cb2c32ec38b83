using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Ledger;
using Slotwise.EndToEnd.Scaling;
using Slotwise.Entities;

namespace Slotwise.EndToEnd.Availability;

/// <summary>Pods are replaced and configuration changes under load, and no application notices.</summary>
[Collection(OneAtATime.Name)]
public sealed class RollingTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    const int Keys = 5000;

    static readonly TimeSpan RollsWithin = TimeSpan.FromSeconds(240);

    [Theory]
    [InlineData("restarted-3", 3)]
    [InlineData("restarted-1", 1)]
    public async Task A_restart_and_a_change_of_configuration_lose_no_write(string name, int shards)
    {
        var cluster = new TestCluster(Kubernetes, name);
        await cluster.ApplyAsync(shards, 1);
        await cluster.WaitUntilReadyAsync();
        var before = await UidsAsync(cluster);
        await using (var load = await FullLoad.StartAsync(cluster, keys: 2000, rate: 300))
        {
            await cluster.ChangeAsync("\"config\": {\"maxmemory-samples\": 9}");
            await EventuallyAsync("every server has the new value", async () => await ReadAsync(cluster, "maxmemory-samples") is var values && values.All(value => value == "9") ? null : string.Join(", ", values));
            Assert.Equal(before, await UidsAsync(cluster));

            await Kubernetes.KubectlAsync("annotate", "rediscluster", cluster.Name, "-n", cluster.Namespace, "--overwrite", $"{RedisClusterAnnotations.Restart}=now");
            await WaitUntilReplacedAsync(cluster, shards, before);
            (await load.StopAsync()).AssertNothingWasNoticedByWhoFollows();
        }

        await cluster.AssertWholeAsync(shards, 1);
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    [Fact]
    public async Task A_bad_image_takes_one_replica_and_is_taken_back()
    {
        var cluster = new TestCluster(Kubernetes, "bad-image");
        await cluster.ApplyAsync(3, 1);
        await cluster.WaitUntilReadyAsync();
        var before = await UidsAsync(cluster);

        await cluster.ChangeAsync("\"image\": \"redis:99\"");
        await EventuallyAsync("Stalled says what the kubelet says", async () =>
        {
            var stalled = (await cluster.ConditionsAsync()).GetValueOrDefault("Stalled");
            return stalled is { Status: "True" } && stalled.Message.Contains("redis:99", StringComparison.Ordinal) ? null : stalled?.ToString() ?? "no condition";
        });
        Assert.Single(before.Except(await UidsAsync(cluster)));
        await cluster.ChangeAsync("\"image\": \"redis:7.0\"");
        await cluster.WaitUntilShapedAsync(3, 1, RollsWithin);

        await cluster.AssertWholeAsync(3, 1);
        Assert.Single(before.Except(await UidsAsync(cluster)));
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    [Theory]
    [InlineData("to-redis-8", 3, "redis:8.0")]
    [InlineData("to-redis-8-alone", 1, "redis:8.0")]
    [InlineData("to-valkey-8-alone", 1, "docker.io/valkey/valkey:8.1")]
    public async Task An_upgrade_keeps_every_key(string name, int shards, string image)
    {
        var cluster = new TestCluster(Kubernetes, name);
        await cluster.ApplyAsync(shards, 1);
        await cluster.WaitUntilReadyAsync();
        await using var dataset = new Dataset(cluster, Keys);
        await dataset.WriteAsync();
        var before = await UidsAsync(cluster);

        await cluster.ChangeAsync($"\"image\": \"{image}\"");
        await WaitUntilReplacedAsync(cluster, shards, before);

        await cluster.AssertWholeAsync(shards, 1);
        await dataset.AssertThereAsync();
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    static async Task WaitUntilReplacedAsync(TestCluster cluster, int shards, IReadOnlyList<string> before)
    {
        await Eventually.SeenAsync("every pod is another one", RollsWithin, async () =>
        {
            var left = before.Intersect(await UidsAsync(cluster)).Count();
            return left == 0 ? null : $"{left} are left; {string.Join("; ", (await cluster.ConditionsAsync()).Values)}";
        });
        await cluster.WaitUntilShapedAsync(shards, 1, RollsWithin);
    }

    static async Task<IReadOnlyList<string>> UidsAsync(TestCluster cluster) =>
        (await cluster.Kubernetes.KubectlAsync("get", "pods", "-n", cluster.Namespace, "-l", cluster.Selector, "-o", "jsonpath={.items[*].metadata.uid}"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static async Task<IReadOnlyList<string>> ReadAsync(TestCluster cluster, string directive)
    {
        var values = new List<string>();
        foreach (var address in await cluster.AddressesAsync())
        {
            values.Add((await TestCluster.RedisCliAsync(address, "CONFIG", "GET", directive)).Trim().Split('\n')[^1]);
        }

        return values;
    }
}
