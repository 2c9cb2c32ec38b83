using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Machine;

namespace Slotwise.EndToEnd.Ledger;

/// <summary>What the ledger says of a cluster to which something is done on purpose: everything else that is proven with it rests on this.</summary>
[Collection(SampleClusterTests.Name)]
public sealed class LedgerTests(LocalKubernetesFixture kubernetes, SampleCluster sample) : EndToEndTest(kubernetes)
{
    [Fact]
    public async Task Slots_that_move_are_followed_without_an_error()
    {
        var address = (await sample.Cluster.AddressesAsync())[0];
        await using var load = await FullLoad.StartAsync(sample.Cluster, keys: 5000, rate: 1500, "--replica-reads");
        var masters = (await TestCluster.RedisCliAsync(address, "CLUSTER", "NODES")).Split('\n').Where(line => line.Contains("master", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]).ToList();
        await Task.Delay(TimeSpan.FromSeconds(4));
        foreach (var (from, to) in new[] { (0, 1), (1, 0) })
        {
            var moved = await Command.RunAsync(
                "redis-cli", ["--cluster", "reshard", $"{address}:6379", "--cluster-from", masters[from], "--cluster-to", masters[to], "--cluster-slots", "1000", "--cluster-yes"]);
            Assert.True(moved.ExitCode == 0, moved.ToString());
        }

        var reports = await load.StopAsync();
        reports.AssertNothingWasNoticed();
        Assert.True(reports.Ours.Redirects > 0, "nothing moved under it");
        Assert.Equal(3, reports.Ours.LongestGapMilliseconds.Count);
        Assert.True(reports.Ours.PubSub is { Received: > 0, Delivered: > 0 });
    }

    [Theory]
    [InlineData("DEL", "1 acknowledged writes are lost")]
    [InlineData("SET", "1 values are wrong")]
    public async Task A_write_that_is_undone_behind_its_back_is_reported_and_the_exit_code_is_1(string how, string expected)
    {
        var loading = Kubernetes.SlotwiseAsync("load", sample.Cluster.Name, "--seconds", "6", "--connections", "4", "--keys", "160", "--rate", "20");
        string? victim = null;
        await EventuallyAsync("the ledger has written", async () =>
        {
            foreach (var address in await sample.Cluster.AddressesAsync())
            {
                var keys = await TestCluster.RedisCliAsync(address, "KEYS", "slotwise-load:*:text:0:*");
                if (keys.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() is { } key && (await TestCluster.RedisCliAsync(address, "ROLE")).StartsWith("master", StringComparison.Ordinal))
                {
                    victim = $"{address} {key}";
                    return null;
                }
            }

            return "nothing";
        });
        var words = victim!.Split(' ');
        await TestCluster.RedisCliAsync(words[0], how == "DEL" ? ["DEL", words[1]] : ["SET", words[1], "something else"]);
        var result = await loading;
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(how == "DEL" ? "Lost after" : "Wrong after", result.Output, StringComparison.Ordinal);
        Assert.Contains(words[1], result.Output, StringComparison.Ordinal);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);

        // it leaves them to whoever looks into it
        foreach (var address in await sample.Cluster.AddressesAsync())
        {
            await Command.RunAsync("redis-cli", ["-h", address, "FLUSHALL"]);
        }
    }
}
