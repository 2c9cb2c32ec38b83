using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd;

/// <summary>What a user of kubectl sees of a cluster.</summary>
[Collection(SampleClusterTests.Name)]
public sealed class KubectlTests(LocalKubernetesFixture kubernetes, SampleCluster sample) : EndToEndTest(kubernetes)
{
    [Fact]
    public async Task Get_prints_the_columns_of_the_resource()
    {
        var lines = (await Kubernetes.KubectlAsync("get", "rdc", "orders")).Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();

        Assert.Equal(["NAME", "STATUS", "STALLED", "SHARDS", "REPLICAS", "READY", "SLOTS", "IMAGE", "AGE"], lines[0]);
        Assert.Equal(["orders", "Ready", "False", "3", "1", "6/6", "16384/16384", "redis:7.0"], lines[1][..8]);
    }

    [Fact]
    public async Task Describe_shows_conditions_shards_and_what_happened()
    {
        var text = await Kubernetes.KubectlAsync("describe", "rdc", "orders");

        var events = text[text.IndexOf("Events:", StringComparison.Ordinal)..];
        Assert.Contains("Master:  orders-0-0", text, StringComparison.Ordinal);
        Assert.Contains("created StatefulSet orders-2", events, StringComparison.Ordinal);
        Assert.Contains("orders-0-0 was given slots 0-5460", events, StringComparison.Ordinal);
        Assert.Contains("orders-1-1 became a replica of orders-1-0", events, StringComparison.Ordinal);
        Assert.Contains("The cluster is ready", events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_can_be_sorted_by_the_time_that_most_people_sort_by()
    {
        var all = await Kubernetes.KubectlAsync("get", "events", "--sort-by=.lastTimestamp");
        var own = await Kubernetes.KubectlAsync("get", "events", "--sort-by=.lastTimestamp", "--field-selector", "involvedObject.kind=RedisCluster,involvedObject.name=orders");

        Assert.Contains("pod/orders-0-0", all, StringComparison.Ordinal);
        Assert.Contains("The cluster is ready", own, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_scale_subresource_says_shards_and_a_selector_of_one_pod_each()
    {
        var scale = JsonNode.Parse(await Kubernetes.KubectlAsync("get", "--raw", "/apis/redis.slotwise.dev/v1beta1/namespaces/default/redisclusters/orders/scale"))!;
        var pods = await Kubernetes.KubectlAsync("get", "pods", "-o", "name", "-l", scale["status"]!["selector"]!.GetValue<string>());

        Assert.Equal(3, scale["spec"]!["replicas"]!.GetValue<int>());
        Assert.Equal(3, scale["status"]!["replicas"]!.GetValue<int>());
        Assert.Equal(["pod/orders-0-0", "pod/orders-1-0", "pod/orders-2-0"], pods.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task A_patch_that_pauses_the_cluster_is_reported_and_taken_back()
    {
        await Kubernetes.KubectlAsync("patch", "rdc", "orders", "--type", "merge", "-p", """{"spec":{"paused":true}}""");
        await EventuallyAsync("the cluster is Paused", () => ReconcilingAsync("Paused"));
        Assert.Equal("True", (await sample.Cluster.ConditionsAsync())["Ready"].Status);

        await Kubernetes.KubectlAsync("patch", "rdc", "orders", "--type", "merge", "-p", """{"spec":{"paused":false}}""");
        await EventuallyAsync("the cluster is Settled again", () => ReconcilingAsync("Settled"));

        async Task<string?> ReconcilingAsync(string reason)
        {
            var condition = (await sample.Cluster.ConditionsAsync())["Reconciling"];
            return condition.Reason == reason ? null : condition.ToString();
        }
    }

    [Fact]
    public async Task Logs_are_those_of_the_server() =>
        Assert.Contains("Ready to accept connections", await Kubernetes.KubectlAsync("logs", "orders-0-0"), StringComparison.Ordinal);

    [Fact]
    public async Task Explain_tells_what_a_field_is_for() =>
        Assert.Contains("A volume for every server", await Kubernetes.KubectlAsync("explain", "rediscluster.spec.storage"), StringComparison.Ordinal);

    [Fact]
    public async Task The_program_shows_and_checks_the_cluster_too()
    {
        var status = await Kubernetes.SlotwiseAsync("status", "orders");
        Assert.True(status.ExitCode == 0, status.ToString());
        Assert.Contains("orders-2-1", status.Output, StringComparison.Ordinal);

        var check = await Kubernetes.SlotwiseAsync("check", "orders", "--keys", "1000");
        Assert.True(check.ExitCode == 0, check.ToString());
    }
}
