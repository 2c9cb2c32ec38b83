using System.Text.RegularExpressions;
using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd.Availability;

/// <summary>Masters whose processes, pods and hosts are gone, under load, with the delays of kubelets.</summary>
[Collection(AvailabilityCollection.Name)]
public sealed partial class FailoverTests(ThreeHosts kubernetes) : EndToEndTest<ThreeHosts>(kubernetes)
{
    /// <summary>The aim is 2 s; other work on the machine may make it longer.</summary>
    const long LongestGap = 5000;

    [Theory]
    [InlineData(3, false)]
    [InlineData(2, false)]
    [InlineData(1, false)]
    [InlineData(3, true)]
    [InlineData(1, true)]
    public async Task A_killed_process_is_replaced_or_back_at_once(int shards, bool hasVolumes)
    {
        var what = $"SIGKILL of a master of {shards}x1 {(hasVolumes ? "with" : "without")} volumes";
        await using var failing = await FailingCluster.CreateAsync(Kubernetes, $"killed-{shards}{(hasVolumes ? "v" : "m")}", shards, hasVolumes);

        await Kubernetes.LocalkubeAsync("kill", (await failing.MastersAsync())[0].Pod);

        await failing.AssertHealsAsync(what);
        var report = await failing.StopAsync(what);
        Assert.All(report.LongestGapMilliseconds, gap => Assert.InRange(gap.Value, 0, LongestGap));

        // Acknowledged and not replicated yet, or not on the disk yet: at most a second.
        Assert.InRange(report.Lost, 0, 500);
    }

    [Fact]
    public async Task Two_of_three_masters_killed_at_once_are_replaced()
    {
        const string What = "SIGKILL of two of three masters at once, without volumes";
        await using var failing = await FailingCluster.CreateAsync(Kubernetes, "majority", 3);

        var masters = await failing.MastersAsync();
        await Task.WhenAll(masters.Take(2).Select(master => Kubernetes.LocalkubeAsync("kill", master.Pod)));

        await failing.AssertHealsAsync(What);
        var report = await failing.StopAsync(What);
        Assert.InRange(report.Lost, 0, 500);
    }

    [Fact]
    public async Task A_pod_that_is_forced_away_is_replaced_by_votes()
    {
        const string What = "forced deletion of the pod of a master of 3x1 without volumes";
        await using var failing = await FailingCluster.CreateAsync(Kubernetes, "forced", 3);

        await Kubernetes.KubectlAsync("delete", "pod", (await failing.MastersAsync())[0].Pod, "--grace-period=0", "--force");

        await failing.AssertHealsAsync(What);
        var report = await failing.StopAsync(What);
        Assert.All(report.LongestGapMilliseconds, gap => Assert.InRange(gap.Value, 0, LongestGap));
    }

    /// <summary>That the pod object is gone is no proof, and there are no votes: the user is told what to run, and it helps.</summary>
    [Fact]
    public async Task Without_votes_a_pod_that_was_forced_away_is_left_to_the_user()
    {
        const string What = "forced deletion of the pod of a master of 2x1 without volumes";
        await using var failing = await FailingCluster.CreateAsync(Kubernetes, "unproven", 2, isWrittenTo: false);
        await failing.Cluster.WriteKeysAsync(500);

        var master = (await failing.MastersAsync())[0].Pod;
        await Kubernetes.KubectlAsync("delete", "pod", master, "--grace-period=0", "--force");
        await failing.WaitForConditionAsync("Reconciling", "CLUSTER FAILOVER TAKEOVER");
        var message = (await failing.Cluster.ConditionsAsync())["Reconciling"].Message;
        var command = KubectlCommand().Match(message).Groups[1].Value;
        await Kubernetes.KubectlAsync(command.Split(' '));

        await failing.AssertHealsAsync(What);
        Assert.Equal(500, await failing.Cluster.CountKeysAsync());
    }

    [Fact]
    public async Task A_drain_of_the_host_of_most_masters_is_survived()
    {
        const string What = "drain of the host of two of three masters, without volumes";
        await using var failing = await FailingCluster.CreateAsync(Kubernetes, "drained", 3);
        var host = await GatherAsync(failing, masters: 2);

        await Kubernetes.KubectlAsync("drain", host, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=90s");
        try
        {
            await failing.AssertHealsAsync(What);
            var report = await failing.StopAsync(What);
            Assert.InRange(report.Lost, 0, 500);
        }
        finally
        {
            await Kubernetes.KubectlAsync("uncordon", host);
        }
    }

    /// <summary>Nobody reports that anything ended: the other masters elect the replica, and the operator keeps out of it.</summary>
    [Fact]
    public async Task The_master_of_a_lost_host_is_replaced_by_the_servers()
    {
        const string What = "loss of a host of 3x1 without volumes";
        await using var failing = await FailingCluster.CreateAsync(Kubernetes, "lost", 3);
        var master = (await failing.MastersAsync())[0];

        await Kubernetes.LocalkubeAsync("host", "off", master.Host);
        try
        {
            await EventuallyAsync("another master has its slots", async () => (await failing.MastersAsync()).Count(other => other.Pod != master.Pod) == 3 ? null : "not yet");
        }
        finally
        {
            await Kubernetes.LocalkubeAsync("host", "on", master.Host);
        }

        await failing.AssertHealsAsync(What);
        await failing.StopAsync(What);
    }

    [Fact]
    public async Task Without_votes_the_master_of_a_lost_host_is_replaced_when_somebody_vouches_for_its_end()
    {
        const string What = "loss of a host of 1x1 without volumes";
        await using var failing = await FailingCluster.CreateAsync(Kubernetes, "vouched", 1, isWrittenTo: false);
        await failing.Cluster.WriteKeysAsync(500);
        var master = (await failing.MastersAsync())[0];

        await Kubernetes.LocalkubeAsync("host", "off", master.Host);
        try
        {
            await failing.WaitForConditionAsync("Reconciling", $"kubectl taint nodes {master.Host} node.kubernetes.io/out-of-service");
            Assert.DoesNotContain(await failing.MastersAsync(), other => other.Pod != master.Pod);
            await Kubernetes.KubectlAsync("taint", "nodes", master.Host, "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
            await failing.AssertHealsAsync(What);
            Assert.Equal(500, await failing.Cluster.CountKeysAsync());
        }
        finally
        {
            await Kubernetes.LocalkubeAsync("host", "on", master.Host);
            await Kubernetes.TryKubectlAsync("", "taint", "nodes", master.Host, "node.kubernetes.io/out-of-service-");
        }
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(1, true)]
    [InlineData(3, false)]
    public async Task All_pods_deleted_at_once_come_back(int shards, bool hasVolumes)
    {
        var what = $"deletion of all pods of {shards}x1 {(hasVolumes ? "with" : "without")} volumes";
        await using var failing = await FailingCluster.CreateAsync(Kubernetes, $"all-{shards}{(hasVolumes ? "v" : "m")}", shards, hasVolumes, isWrittenTo: false);
        await failing.Cluster.WriteKeysAsync(500);
        var start = TimeProvider.System.GetTimestamp();

        await Kubernetes.KubectlAsync("delete", "pods", "-l", failing.Cluster.Selector, "--wait=false");
        await EventuallyAsync("all pods are new", async () => (await failing.PodsAsync()) is var pods && pods.Count == shards * 2 && pods.All(pod => pod["metadata"]!["deletionTimestamp"] is null) ? null : "not yet");

        await failing.AssertHealsAsync(what);
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: Ready after {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s");
        if (hasVolumes)
        {
            Assert.Equal(500, await failing.Cluster.CountKeysAsync());
        }
    }

    /// <summary>Has replicas take over until one host runs that many masters.</summary>
    static async Task<string> GatherAsync(FailingCluster failing, int masters)
    {
        var pods = await failing.PodsAsync();
        for (var time = 0; time < 6; time++)
        {
            var now = await failing.MastersAsync();
            if (now.GroupBy(master => master.Host).FirstOrDefault(group => group.Count() >= masters) is { } full)
            {
                return full.Key;
            }

            // A replica on a host that has a master already.
            var (_, _, address) = (from pod in pods
                                   let name = pod["metadata"]!["name"]!.GetValue<string>()
                                   let host = pod["spec"]!["nodeName"]!.GetValue<string>()
                                   where now.All(master => master.Pod != name) && now.Any(master => master.Host == host)
                                   select (name, host, pod["status"]!["podIP"]!.GetValue<string>())).First();
            await TestCluster.RedisCliAsync(address, "CLUSTER", "FAILOVER");
            await EventuallyAsync("it took over", async () => (await failing.MastersAsync()).Any(master => master.Address == address) ? null : "not yet");
            await failing.AssertHealsAsync("a handover");
        }

        throw new InvalidOperationException("the masters could not be gathered");
    }

    [GeneratedRegex("kubectl (exec [^;]* TAKEOVER)")]
    private static partial Regex KubectlCommand();
}
