using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Law 5: a master that comes back without its keys does not have its emptiness copied.</summary>
public sealed class ReturnedEmptyTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public async Task The_replica_of_a_master_that_came_back_empty_replaces_it_before_it_copies_it(int shards, int replicas)
    {
        var world = await HealthyCluster.CreateAsync(shards, replicas);

        await world.RestartContainerAsync("orders-0-0", keepsKeys: false);
        await world.PassAsync();
        await world.SettleAsync();

        world.Ledger.AssertWhole(shards, replicas);
        Assert.Equal(0, world.Server("orders-0-0").Slots.Count);
        Assert.Contains(world.Events, entry => entry.Contains("Promoted", StringComparison.Ordinal));
    }

    /// <summary>Law 13: who is to become master, and when, is written down before it is asked for.</summary>
    [Fact]
    public async Task The_promotion_is_noted_first()
    {
        var world = await HealthyCluster.CreateAsync();
        var replica = world.Server("orders-0-1");
        await world.RestartContainerAsync("orders-0-0", keepsKeys: false);
        string? note = null;
        world.Redis.BeforeWrite = command => note = command.Name == "CLUSTER FAILOVER" ? world.Note("orders-0", "slotwise.dev/failover") : note;

        await world.PassAsync();

        Assert.Contains(replica.Id.ToString(), note, StringComparison.Ordinal);
    }

    /// <summary>Law 13: an attempt without votes is not repeated before the voters would vote again.</summary>
    [Fact]
    public async Task An_attempt_that_failed_is_not_repeated_too_soon()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.ChangeAsync(spec => spec with { Recovery = new Entities.RedisClusterRecovery { QuorumLoss = Entities.QuorumLossPolicy.Manual } });
        await world.RestartContainerAsync("orders-0-0", keepsKeys: false);
        world.Server("orders-0-1").IsSyncHeld = true;

        await world.PassAsync();
        var asked = Failovers(world);
        world.Server("orders-0-1").StandInVain();
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await world.PassAsync();

        Assert.Equal(1, asked);
        Assert.Equal(1, Failovers(world));
    }

    /// <summary>A shard of which the masters know nothing cannot win, and trying makes the next attempt later.</summary>
    [Fact]
    public async Task Nobody_is_promoted_without_a_majority_that_knows_it()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.RestartContainerAsync("orders-0-0", keepsKeys: false);
        var replica = world.Server("orders-0-1");
        replica.IsSyncHeld = true;
        foreach (var voter in (string[])["orders-1-0", "orders-2-0"])
        {
            world.Server(voter).Believes(replica.Id)!.Address = "10.9.9.9";
        }

        await world.PassAsync();

        Assert.Equal(0, Failovers(world));
        Assert.Contains("orders-0-0 came back without its keys", world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    /// <summary>Waiting for a majority would cost the keys, and that the process which had them ended is proven by the one that came after it.</summary>
    [Fact]
    public async Task Where_no_majority_is_there_the_replica_replaces_it_without_votes()
    {
        var world = await HealthyCluster.CreateAsync();
        await world.RestartContainerAsync("orders-0-0", keepsKeys: false);
        world.Server("orders-1-0").IsCutOff = true;
        world.Server("orders-2-0").IsCutOff = true;

        await world.PassAsync();
        world.Redis.Gossip();

        Assert.Null(world.Server("orders-0-1").MasterId);
        world.Ledger.AssertNoKeyLost();
    }

    /// <summary>FLUSHALL is the user's right.</summary>
    [Fact]
    public async Task A_master_that_was_emptied_on_purpose_stays_master()
    {
        var world = await HealthyCluster.CreateAsync();
        world.Server("orders-0-0").Data.Clear();

        await world.PassAsync();

        Assert.Equal(0, Failovers(world));
    }

    [Fact]
    public async Task A_master_that_came_back_with_its_keys_stays_master()
    {
        var world = await HealthyCluster.CreateAsync();

        await world.RestartContainerAsync("orders-0-0", keepsKeys: true);
        await world.PassAsync();
        await world.SettleAsync();

        Assert.Equal(0, Failovers(world));
        world.Ledger.AssertWhole(3, 1);
    }

    static int Failovers(ClusterWorld world) => world.Redis.Writes.Count(write => write.Contains("FAILOVER", StringComparison.Ordinal));
}
