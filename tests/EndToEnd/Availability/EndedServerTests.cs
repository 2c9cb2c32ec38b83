using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Healing;
using Slotwise.EndToEnd.Ledger;

namespace Slotwise.EndToEnd.Availability;

/// <summary>Masters that end while applications write: their scripts alone see to it that nothing is lost.</summary>
[Collection(OutagesCollection.Name)]
public sealed class EndedServerTests(LocalKubernetesFixture kubernetes, Outages outages) : EndToEndTest(kubernetes)
{
    /// <summary>Law 2: whoever deletes it. Its successor starts with nothing and copies the new master.</summary>
    [Theory]
    [InlineData(3, "delete")]
    [InlineData(3, "evict")]
    [InlineData(2, "delete")]
    [InlineData(1, "delete")]
    public async Task A_master_whose_pod_goes_hands_over_first(int shards, string how)
    {
        var cluster = await CreateAsync($"gone-{shards}-{how}", shards);
        await using var load = await FullLoad.StartAsync(cluster);
        var master = (await ServerView.OfAsync(cluster)).First(server => server.IsMaster);
        await Task.Delay(TimeSpan.FromSeconds(2));

        await (how == "delete" ? Kubernetes.KubectlAsync("delete", "pod", master.Pod, "-n", cluster.Namespace) : EvictAsync(cluster, master.Pod));

        await EventuallyAsync("the pod's successor is a replica in sync", () => LacksReplicaAsync(cluster, master.Pod, id => id != $"{master.Id}"));
        await cluster.WaitUntilReadyAsync();
        var reports = await load.StopAsync();
        reports.AssertNothingWasNoticed();
        await cluster.AssertWholeAsync(shards, 1);
        await cluster.DeleteAsync();
    }

    /// <summary>Law 5, when nobody is there to help: what was acknowledged and had reached the replica is there, and the number of the others is told.</summary>
    [Fact]
    public async Task A_master_in_memory_that_is_killed_while_there_is_no_operator_loses_only_what_was_not_replicated()
    {
        var cluster = await CreateAsync("killed", 3);
        await cluster.WriteKeysAsync(5000);
        outages.Operator.Kill();
        try
        {
            await KillAsync(cluster);
        }
        finally
        {
            outages.StartOperator();
        }

        await cluster.WaitUntilReadyAsync();
        await cluster.AssertWholeAsync(3, 1);
        await EventuallyAsync("the decision of the start script is told", async () =>
        {
            var events = await cluster.EventsAsync();
            return events.Any(line => line.StartsWith("ReturnedAsReplica", StringComparison.Ordinal)) ? null : string.Join('\n', events);
        });
        foreach (var key in new[] { 0, 1234, 4999 })
        {
            var value = await Machine.Command.RunAsync("redis-cli", ["-c", "-h", (await cluster.AddressesAsync())[0], "GET", $"key:{key}"]);
            Assert.Equal($"value:{key}\n", value.Output);
        }

        await cluster.DeleteAsync();
    }

    async Task KillAsync(TestCluster cluster)
    {
        await using var load = await FullLoad.StartAsync(cluster);
        var master = (await ServerView.OfAsync(cluster)).First(server => server.IsMaster);
        await Task.Delay(TimeSpan.FromSeconds(2));

        await Kubernetes.LocalkubeAsync("kill", master.Pod, "-n", cluster.Namespace);

        await EventuallyAsync("the master is a replica in sync", () => LacksReplicaAsync(cluster, master.Pod, id => id == $"{master.Id}"));
        var reports = await load.StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"lost: {reports.Ours.Lost} and {reports.Theirs.Lost} of {reports.Ours.Acknowledged} and {reports.Theirs.Acknowledged}\n{reports}");
        Assert.InRange(reports.Ours.Lost + reports.Theirs.Lost, 0, 20);
        Assert.Equal(0, reports.Ours.Wrong + reports.Theirs.Wrong);
    }

    async Task<TestCluster> CreateAsync(string name, int shards)
    {
        var cluster = new TestCluster(Kubernetes, name, LocalKubernetesFixture.Outages);
        await cluster.ApplyAsync(shards, 1);
        await cluster.WaitUntilReadyAsync();
        return cluster;
    }

    /// <summary>Null once the server of the pod has that id and is a replica in sync; it may not answer before.</summary>
    async Task<string?> LacksReplicaAsync(TestCluster cluster, string pod, Func<string, bool> hasId)
    {
        var address = await Kubernetes.KubectlAsync("get", "pod", pod, "-n", cluster.Namespace, "--ignore-not-found", "-o", "jsonpath={.status.podIP}");
        var answer = await Machine.Command.RunAsync("redis-cli", ["-h", address.Length > 0 ? address : "0.0.0.0"], "CLUSTER MYID\nINFO replication\n");
        return hasId(answer.Output.Split('\n')[0]) && answer.Output.Contains("master_link_status:up", StringComparison.Ordinal) ? null : answer.ToString();
    }

    /// <summary>As a drain does.</summary>
    async Task EvictAsync(TestCluster cluster, string pod)
    {
        var eviction = $$"""{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "{{pod}}", "namespace": "{{cluster.Namespace}}"} }""";
        var result = await Kubernetes.TryKubectlAsync(eviction, "create", "--raw", $"/api/v1/namespaces/{cluster.Namespace}/pods/{pod}/eviction", "-f", "-");
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
