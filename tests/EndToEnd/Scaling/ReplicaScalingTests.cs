using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Ledger;
using Slotwise.EndToEnd.Machine;

namespace Slotwise.EndToEnd.Scaling;

/// <summary>Replicas come and go; a master among those that go hands over first (law 2).</summary>
[Collection(OneAtATime.Name)]
public sealed class ReplicaScalingTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    [Fact]
    public async Task A_master_whose_pod_goes_hands_over_before_and_no_write_is_lost()
    {
        var cluster = new TestCluster(Kubernetes, "replicas");

        // the operator leaves a shard alone for four times this after a change of master that it did not order
        await cluster.ApplyAsync(3, 1, "config: {cluster-node-timeout: 3000}");
        await cluster.WaitUntilReadyAsync();
        await using var load = await FullLoad.StartAsync(cluster);
        await cluster.ChangeAsync("\"replicasPerShard\": 2");
        await cluster.WaitUntilShapedAsync(3, 2, OneAtATime.ScalesWithin);
        await cluster.AssertWholeAsync(3, 2);

        // the master of shard 0 shall be the pod that goes
        var leaving = await AddressOfAsync(cluster, "replicas-0-2");
        await EventuallyAsync("the last pod of shard 0 is its master", async () =>
        {
            await Command.RunAsync("redis-cli", ["-h", leaving, "CLUSTER", "FAILOVER"]);
            var role = await TestCluster.RedisCliAsync(leaving, "ROLE");
            return role.StartsWith("master", StringComparison.Ordinal) ? null : role;
        });
        await cluster.WaitUntilShapedAsync(3, 2, OneAtATime.ScalesWithin);
        await cluster.ChangeAsync("\"replicasPerShard\": 1");
        await cluster.WaitUntilShapedAsync(3, 1, OneAtATime.ScalesWithin);
        await cluster.AssertWholeAsync(3, 1);

        // a handover holds writes back for a moment; none of them fails
        (await load.StopAsync()).AssertNothingWasNoticed();
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    Task<string> AddressOfAsync(TestCluster cluster, string pod) =>
        Kubernetes.KubectlAsync("get", "pod", pod, "-n", cluster.Namespace, "-o", "jsonpath={.status.podIP}");
}
