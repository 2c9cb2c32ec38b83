using Slotwise.Entities;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Failover;

/// <summary>Law 4: without votes only under proof that the old master ended.</summary>
public sealed class QuorumLossTests
{
    const string Command = "kubectl exec -n default orders-0-1 -c redis -- redis-cli CLUSTER FAILOVER TAKEOVER";

    /// <summary>The process of a pod that is gone may live on a host that nobody reaches.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_pod_that_is_gone_is_no_proof(int shards)
    {
        var world = await HealthyCluster.CreateAsync(shards);
        await world.DeletePodAsync("orders-0-0");

        await world.RunAsync();

        Assert.Empty(Failovers.Of(world));
        Assert.Contains(Command, world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    /// <summary>A kubelet that reports ends what has no pod. It takes the grace of the pod for it, from when it heard of that at the latest.</summary>
    [Fact]
    public async Task It_is_when_its_host_has_reported_for_longer_since_than_the_end_takes()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        await world.Hosts.ReportAsync("host-0", "Unknown");
        await world.DeletePodAsync("orders-0-0");
        await world.RunAsync();
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.Hosts.ReportAsync("host-0", "True");

        await world.RunAsync();
        world.Time.Advance(TimeSpan.FromSeconds(135));
        await world.PassAsync();
        Assert.Empty(Failovers.Of(world));
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await world.PassAsync();

        Assert.Equal(["TAKEOVER"], Failovers.Of(world));
        await world.SettleAsync();
        world.Ledger.AssertWhole(2, 1);
    }

    [Fact]
    public async Task A_report_of_a_host_that_does_not_report_any_more_is_no_proof()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        await world.EndContainerAsync("orders-0-0");
        await world.Hosts.ReportAsync("host-0", "Unknown");

        await world.RunAsync();

        Assert.Empty(Failovers.Of(world));
    }

    [Fact]
    public async Task A_host_that_is_lost_is_no_proof_until_somebody_vouches_that_it_is_off()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        await world.LoseHostAsync("host-0");

        await world.RunAsync();
        Assert.Empty(Failovers.Of(world));
        Assert.Contains("its host host-0 does not report", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        Assert.Contains("kubectl taint nodes host-0 node.kubernetes.io/out-of-service", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        await world.Hosts.TaintAsync("host-0");
        await world.PassAsync();

        Assert.Equal(["TAKEOVER"], Failovers.Of(world));
    }

    /// <summary>The Node of a machine that lives can be deleted, and comes back; Kubernetes drops the pods of one that stays away.</summary>
    [Fact]
    public async Task A_Node_that_is_gone_is_proof_only_when_the_pod_is_gone_too()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        await world.LoseHostAsync("host-0");
        await world.Hosts.DeleteAsync("host-0");

        await world.RunAsync();
        Assert.Empty(Failovers.Of(world));
        await world.ForgetPodsAsync("host-0");
        await world.PassAsync();

        Assert.Equal(["TAKEOVER"], Failovers.Of(world));
        await world.SettleAsync();
        world.Ledger.AssertWhole(2, 1);
    }

    /// <summary>The pod object goes a moment after its container, and the first replica asked may be no good.</summary>
    [Fact]
    public async Task An_end_that_was_reported_of_a_pod_in_deletion_is_remembered()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        world.Server("orders-0-1").IsLoading = true;
        await world.BeginDeletionAsync("orders-0-0");
        await world.EndContainerAsync("orders-0-0");
        await world.PassAsync();
        await world.ForceDeleteAsync("orders-0-0");
        await world.RunKubeletAsync();

        world.Server("orders-0-1").IsLoading = false;
        await world.PassAsync();

        Assert.Equal(["TAKEOVER"], Failovers.Of(world));
        await world.SettleAsync();
        world.Ledger.AssertWhole(2, 1);
    }

    /// <summary>Between two passes the container ends and the pod goes.</summary>
    [Fact]
    public async Task An_end_that_was_reported_between_two_passes_counts()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        await world.BeginDeletionAsync("orders-0-0");
        await world.PassAsync();
        await world.EndContainerAsync("orders-0-0");
        await world.ForceDeleteAsync("orders-0-0");
        await world.RunKubeletAsync();

        await world.PassAsync();

        Assert.Equal(["TAKEOVER"], Failovers.Of(world));
        await world.SettleAsync();
        world.Ledger.AssertWhole(2, 1);
    }

    /// <summary>Caches are behind at times; the proof is read afresh.</summary>
    [Fact]
    public async Task The_proof_must_still_hold_when_it_is_acted_upon()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        await world.EndContainerAsync("orders-0-0");

        await world.PassAsync(() => world.Hosts.ReportAsync("host-0", "Unknown").GetAwaiter().GetResult());

        Assert.Empty(Failovers.Of(world));
    }

    [Fact]
    public async Task Manual_waits_and_says_what_to_run()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        await world.ChangeAsync(spec => spec with { Recovery = new RedisClusterRecovery { QuorumLoss = QuorumLossPolicy.Manual } });
        await world.EndContainerAsync("orders-0-0");

        await world.RunAsync();

        Assert.Empty(Failovers.Of(world));
        Assert.Equal("QuorumLost", world.Condition("Stalled").Reason);
        Assert.Contains(Command, world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    /// <summary>With three shards there are votes, and the policy is not asked.</summary>
    [Fact]
    public async Task Manual_does_not_keep_others_from_voting()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.ChangeAsync(spec => spec with { Recovery = new RedisClusterRecovery { QuorumLoss = QuorumLossPolicy.Manual } });
        await world.EndContainerAsync("orders-0-0");

        await world.PassAsync();

        Assert.Equal(["FORCE"], Failovers.Of(world));
    }

    /// <summary>With the first that is replaced there is a majority again.</summary>
    [Fact]
    public async Task Of_a_majority_that_is_gone_only_the_first_is_replaced_without_votes()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.HoldContainerAsync("orders-0-0");
        await world.HoldContainerAsync("orders-1-0");

        for (var pass = 0; pass < 5; pass++)
        {
            await world.PassAsync();
            world.Redis.Gossip();
            world.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(["TAKEOVER", "FORCE"], Failovers.Of(world));
        await world.ReleaseContainerAsync("orders-0-0", asNewNode: true);
        await world.ReleaseContainerAsync("orders-1-0", asNewNode: true);
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Its candidate asked for the votes of a master that ended a moment later: elections remember that for a minute, and nobody shall miss the shard so long.</summary>
    [Fact]
    public async Task A_vote_that_failed_because_another_master_ended_too_is_not_waited_for_where_the_end_is_proven()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.HoldContainerAsync("orders-0-0");
        await world.PassAsync();
        world.Server("orders-0-1").StandInVain();
        await world.HoldContainerAsync("orders-1-0");

        for (var pass = 0; pass < 9; pass++)
        {
            await world.PassAsync();
            world.Redis.Gossip();
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["FORCE", "TAKEOVER", "TAKEOVER"], Failovers.Of(world));
        await world.ReleaseContainerAsync("orders-0-0", asNewNode: true);
        await world.ReleaseContainerAsync("orders-1-0", asNewNode: true);
        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>Two of three hosts' masters are drained at once, and nothing of them is left but notes.</summary>
    [Fact]
    public async Task A_drain_of_most_masters_is_survived()
    {
        var world = await HealthyCluster.CreateAsync();
        foreach (var pod in (string[])["orders-0-0", "orders-1-0"])
        {
            await world.BeginDeletionAsync(pod);
            await world.EndContainerAsync(pod);
        }

        await world.PassAsync();
        await world.ForceDeleteAsync("orders-0-0");
        await world.ForceDeleteAsync("orders-1-0");
        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.Equal(["TAKEOVER", "FORCE"], Failovers.Of(world));
    }

    /// <summary>A sibling that nobody reaches may have more of the data.</summary>
    [Fact]
    public async Task Every_other_replica_is_reached_or_proven_gone_first()
    {
        var world = await HealthyCluster.CreateAsync(shards: 1, replicas: 2);
        await world.HoldContainerAsync("orders-0-0");
        world.Server("orders-0-2").IsCutOff = true;

        await world.RunAsync();
        Assert.Empty(Failovers.Of(world));
        Assert.Contains("orders-0-2 does not answer (its container runs)", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        await world.EndContainerAsync("orders-0-2");
        await world.PassAsync();

        Assert.Equal(["TAKEOVER"], Failovers.Of(world));
    }
}
