using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd.Trouble;

/// <summary>An operator whose API server is in trouble: it takes longer, and nothing else.</summary>
public sealed class ApiTroubleTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    static readonly TimeSpan Longer = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_cluster_forms_and_scales_while_every_tenth_request_fails_and_watches_break_every_second()
    {
        await TroubleAsync("fail", "--code", "500", "--share", "0.04");
        await TroubleAsync("fail", "--code", "429", "--share", "0.03");
        await TroubleAsync("fail", "--code", "409", "--share", "0.1");
        await TroubleAsync("slow", "--by", "100", "--share", "0.3");
        await TroubleAsync("drop", "--every", "1");
        await FormAndScaleAsync(new TestCluster(Kubernetes, "bumpy", LocalKubernetesFixture.Troubled));
    }

    [Fact]
    public async Task A_cluster_forms_and_scales_while_caches_are_seconds_behind_and_the_answers_to_writes_get_lost()
    {
        await TroubleAsync("stale", "--behind", "2");
        await TroubleAsync("cut", "--after", "--share", "0.1", "--verb", "create", "--verb", "patch", "--verb", "delete");
        await FormAndScaleAsync(new TestCluster(Kubernetes, "blind", LocalKubernetesFixture.Troubled));
    }

    async Task FormAndScaleAsync(TestCluster cluster)
    {
        var program = Kubernetes.StartOperator(cluster.Namespace);
        try
        {
            await cluster.ApplyAsync(3, 1);
            await cluster.WaitUntilShapedAsync(3, 1, Longer);
            await cluster.WriteKeysAsync(500);
            await cluster.ChangeAsync("\"shards\": 4");
            await cluster.WaitUntilShapedAsync(4, 1, Longer);
            Assert.All(await HitsAsync(), hits => Assert.True(hits > 0, "some of the trouble hit nothing"));
        }
        finally
        {
            await Kubernetes.LocalkubeAsync("api", "mend");
        }

        await cluster.AssertWholeAsync(4, 1);
        Assert.Equal(500, await cluster.CountKeysAsync());
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
        await program.TerminateAsync();
    }

    async Task<IReadOnlyList<int>> HitsAsync() =>
        [.. JsonNode.Parse(await Kubernetes.KubectlAsync("get", "--raw", "/localkube/faults"))!["items"]!.AsArray().Select(fault => fault!["hits"]!.GetValue<int>())];

    Task TroubleAsync(string kind, params IEnumerable<string> options) =>
        Kubernetes.LocalkubeAsync(["api", kind, "--user", OperatorAccount.User, "-n", LocalKubernetesFixture.Troubled, "--for", "600", .. options]);
}
