using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Failover;

/// <summary>Masters that are gone are replaced as soon as there is a sign that their process ended, by votes where there are any.</summary>
public sealed class PromotionTests
{
    [Theory]
    [InlineData(1, 1, "TAKEOVER")]
    [InlineData(1, 2, "TAKEOVER")]
    [InlineData(2, 1, "TAKEOVER")]
    [InlineData(3, 1, "FORCE")]
    [InlineData(3, 2, "FORCE")]
    public async Task A_master_whose_process_ended_is_replaced_in_the_next_pass(int shards, int replicas, string mode)
    {
        var world = await HealthyCluster.CreateAsync(shards, replicas);
        await world.HoldContainerAsync("orders-0-0");

        await world.PassAsync();
        world.Redis.Gossip();

        Assert.Equal([mode], Failovers.Of(world));
        Assert.Null(world.Server("orders-0-1").MasterId);
        await world.ReleaseContainerAsync("orders-0-0", asNewNode: true);
        await world.SettleAsync();
        world.Ledger.AssertWhole(shards, replicas);
    }

    /// <summary>The kubelet has not started the next container yet.</summary>
    [Fact]
    public async Task A_container_that_ended_is_sign_enough()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.EndContainerAsync("orders-0-0");

        await world.PassAsync();

        Assert.Equal(["FORCE"], Failovers.Of(world));
    }

    [Fact]
    public async Task A_master_whose_pod_is_gone_is_replaced_by_votes()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.DeletePodAsync("orders-0-0");

        await world.PassAsync();
        Assert.Equal(["FORCE"], Failovers.Of(world));
        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>The pod of the name is another one, and its server has come up already.</summary>
    [Fact]
    public async Task A_master_whose_pod_was_replaced_is_replaced_by_votes()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.DeletePodAsync("orders-0-0");
        await world.RunKubeletAsync();

        await world.PassAsync();
        Assert.Equal(["FORCE"], Failovers.Of(world));
        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
    }

    /// <summary>It may live behind a partition: its peers decide together.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_master_that_only_does_not_answer_is_left_to_its_peers(int shards)
    {
        var world = await HealthyCluster.CreateAsync(shards);
        world.Server("orders-0-0").IsCutOff = true;

        await world.RunAsync();

        Assert.Empty(Failovers.Of(world));
        Assert.Contains("orders-0-0 does not answer (its container runs)", world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    /// <summary>A pod that is being deleted hands over by itself, as long as its container runs.</summary>
    [Fact]
    public async Task A_master_whose_pod_is_being_deleted_is_replaced_only_when_its_container_ended()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.BeginDeletionAsync("orders-0-0");
        world.Server("orders-0-0").IsHidden = true;

        await world.RunAsync();
        Assert.Empty(Failovers.Of(world));
        world.Server("orders-0-0").IsHidden = false;
        await world.EndContainerAsync("orders-0-0");
        await world.PassAsync();

        Assert.Equal(["FORCE"], Failovers.Of(world));
    }

    /// <summary>While the process of a pod that is gone is still being ended, its replica hears from it: it is not replaced over that.</summary>
    [Fact]
    public async Task Nobody_is_promoted_who_still_hears_from_the_master()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.ForceDeleteAsync("orders-0-0");

        await world.PassAsync();

        Assert.Empty(Failovers.Of(world));
        Assert.Contains("orders-0-1 still hears from it", world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    /// <summary>Right before, the address is asked once more.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_master_that_is_back_is_not_replaced(bool isBackBeforeTheNote)
    {
        var world = await HealthyCluster.CreateAsync();
        var master = world.Server("orders-0-0");
        await world.EndContainerAsync("orders-0-0");
        if (!isBackBeforeTheNote)
        {
            world.Api.AfterWrite = () => world.Redis.Join(master);
        }

        await world.PassAsync(() =>
        {
            if (isBackBeforeTheNote)
            {
                world.Redis.Join(master);
            }
        });

        Assert.Empty(Failovers.Of(world));
    }

    [Fact]
    public async Task The_replica_with_most_of_the_data_is_promoted()
    {
        var world = await HealthyCluster.CreateAsync(replicas: 2);
        world.Server("orders-0-2").Offset = 1001;
        await world.EndContainerAsync("orders-0-0");

        await world.PassAsync();
        world.Redis.Gossip();

        Assert.Null(world.Server("orders-0-2").MasterId);
    }

    [Fact]
    public async Task A_replica_that_is_being_deleted_is_passed_over()
    {
        var world = await HealthyCluster.CreateAsync(replicas: 2);
        await world.EndContainerAsync("orders-0-0");
        await world.BeginDeletionAsync("orders-0-1");

        await world.PassAsync();
        world.Redis.Gossip();

        Assert.Null(world.Server("orders-0-2").MasterId);
    }

    /// <summary>Law 5: what a replica read from its own disk may be of long ago.</summary>
    [Fact]
    public async Task A_replica_that_was_never_in_sync_since_it_started_is_not_promoted()
    {
        var world = await HealthyCluster.CreateAsync(hasVolumes: true);
        await world.RestartContainerAsync("orders-0-1", keepsKeys: true);
        world.Broken["orders-0-0"] = ("CrashLoopBackOff", "");
        await world.DeletePodAsync("orders-0-0");

        await world.RunAsync();

        Assert.Empty(Failovers.Of(world));
        Assert.Equal("StaleReplica", world.Condition("Stalled").Reason);
        Assert.Contains("kubectl exec -n default orders-0-1 -c redis -- redis-cli CLUSTER FAILOVER TAKEOVER", world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    /// <summary>What is about to be over by itself is nobody's decision, and wakes nobody up.</summary>
    [Fact]
    public async Task A_master_that_is_being_started_on_its_volume_is_waited_for_where_no_replica_can_replace_it()
    {
        var world = await HealthyCluster.CreateAsync(hasVolumes: true);
        await world.EndContainerAsync("orders-0-0");
        await world.RestartContainerAsync("orders-0-1", keepsKeys: true);

        await world.RunAsync();

        Assert.Empty(Failovers.Of(world));
        Assert.Equal(("False", "AwaitingMaster"), (world.Condition("Stalled").Status, world.Condition("Reconciling").Reason));
        await world.DeletePodAsync("orders-0-0");
        await world.SettleAsync();
        Assert.Equal("True", world.Condition("Ready").Status);
        world.Ledger.AssertNoKeyLost();
    }

    /// <summary>Its connection stood still, and broke only when the master ended: nothing but what the master told on the bus says how much is missing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_replica_that_lacks_what_its_master_told_of_gives_way_to_its_volume_alone(bool hasVolumes)
    {
        var world = await HealthyCluster.CreateAsync(hasVolumes: hasVolumes);
        var replica = world.Server("orders-0-1");
        replica.Heard[world.Server("orders-0-0").Id] = replica.Offset + 1;
        await world.EndContainerAsync("orders-0-0");

        await world.PassAsync();

        Assert.Equal(hasVolumes ? [] : ["FORCE"], Failovers.Of(world));
    }

    /// <summary>The master served on for long after the replica had lost it.</summary>
    [Fact]
    public async Task A_replica_that_lost_its_master_long_before_its_end_is_not_promoted()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-0-1").IsSyncHeld = true;
        await world.PassAsync();
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.EndContainerAsync("orders-0-0");

        await world.PassAsync();

        Assert.Empty(Failovers.Of(world));
        Assert.Equal("StaleReplica", world.Condition("Stalled").Reason);
    }

    /// <summary>The operator was away meanwhile.</summary>
    [Fact]
    public async Task A_replica_that_lost_its_master_by_its_end_is_promoted_however_long_ago_that_was()
    {
        var world = await HealthyCluster.CreateAsync(shards: 2);
        await world.EndContainerAsync("orders-0-0");
        world.Time.Advance(TimeSpan.FromMinutes(10));

        await world.PassAsync();

        Assert.Equal(["TAKEOVER"], Failovers.Of(world));
    }

    /// <summary>All voters have one vote in an epoch: two at once would both fail, and could not try again for a minute.</summary>
    [Fact]
    public async Task Two_masters_are_replaced_one_after_the_other()
    {
        var world = await HealthyCluster.CreateAsync(shards: 5);
        await world.EndContainerAsync("orders-0-0");
        await world.EndContainerAsync("orders-1-0");

        await world.PassAsync();
        Assert.Single(Failovers.Of(world));
        await world.PassAsync();
        Assert.Single(Failovers.Of(world));
        world.Redis.Gossip();
        await world.PassAsync();
        world.Redis.Gossip();

        Assert.Equal(["FORCE", "FORCE"], Failovers.Of(world));
        Assert.All((string[])["orders-0-1", "orders-1-1"], pod => Assert.Null(world.Server(pod).MasterId));
    }

    /// <summary>Law 8: the operator may die before and after every single write.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Operators_that_die_bring_it_about(int shards)
    {
        var undisturbed = await HealthyCluster.CreateAsync(shards);
        var before = undisturbed.Writes;
        await undisturbed.HoldContainerAsync("orders-0-0");
        await undisturbed.PassAsync();
        var writes = undisturbed.Writes - before;
        Assert.NotEmpty(Failovers.Of(undisturbed));

        for (var write = 1; write <= writes; write++)
        {
            foreach (var isAfter in (bool[])[false, true])
            {
                var world = await HealthyCluster.CreateAsync(shards);
                await world.HoldContainerAsync("orders-0-0");
                Crashes.At(world, write, isAfter);
                for (var pass = 0; pass < 10; pass++)
                {
                    await TryPassAsync(world);
                    world.Time.Advance(TimeSpan.FromSeconds(1));
                }

                Assert.Null(world.Server("orders-0-1").MasterId);
                await world.ReleaseContainerAsync("orders-0-0", asNewNode: true);
                await world.SettleThroughCrashesAsync();
                world.Ledger.AssertWhole(shards, 1);
            }
        }

        static async Task TryPassAsync(ClusterWorld world)
        {
            try
            {
                await world.PassAsync();
            }
            catch (OperatorCrashedException)
            {
                // The next pass is that of a new process.
            }

            world.Redis.Gossip();
        }
    }
}
