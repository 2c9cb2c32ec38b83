using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Failover;

/// <summary>Law 13: elections have memory, those that others brought about as well.</summary>
public sealed class ElectionMemoryTests
{
    const string Note = "slotwise.dev/failover";

    [Fact]
    public async Task A_change_of_master_that_others_made_is_noted_when_it_is_first_seen()
    {
        var world = await HealthyCluster.CreateAsync();
        var (former, elected) = (world.Server("orders-0-0"), world.Server("orders-0-1"));
        elected.Elect();
        world.Redis.Gossip();

        await world.SettleAsync();

        Assert.StartsWith($"{elected.Id} {former.Id} ", world.Note("orders-0", Note), StringComparison.Ordinal);
        Assert.Contains($"{elected.Id} master", world.Note("orders-0", "slotwise.dev/members"), StringComparison.Ordinal);
        Assert.Null(world.Note("orders-1", Note));
    }

    /// <summary>A process that stood a short time ago would promote itself on its old votes.</summary>
    [Fact]
    public async Task A_process_that_was_elected_a_short_time_ago_is_not_asked_to_take_over()
    {
        var world = await ElectedToAndFroAsync();

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });
        await world.SettleAsync();

        // Of those that stay the one that did not stand, although the other one has the lower ordinal.
        Assert.Null(world.Server("orders-0-1").MasterId);
        Assert.NotNull(world.Server("orders-0-0").MasterId);
    }

    [Fact]
    public async Task Later_it_is()
    {
        var world = await ElectedToAndFroAsync();
        world.Time.Advance(TimeSpan.FromSeconds(61));

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });
        await world.SettleAsync();

        Assert.Null(world.Server("orders-0-0").MasterId);
    }

    /// <summary>Elections while no operator worked: an operator that is new counts from its own start.</summary>
    [Fact]
    public async Task What_nobody_saw_counts_from_the_start_of_the_operator()
    {
        var world = await ElectedToAndFroAsync();
        await world.AnnotateStatefulSetAsync("orders-0", Note, "");
        world.WatchedSince = world.Time.GetUtcNow();

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });
        await world.SettleAsync();

        Assert.Null(world.Server("orders-0-1").MasterId);
    }

    /// <summary>Where nothing can wait there is one exception less: the one that stood is passed over only as long as that is known.</summary>
    [Fact]
    public async Task A_lost_master_is_not_replaced_by_a_process_that_stood_a_short_time_ago()
    {
        var world = await ElectedToAndFroAsync();
        world.Server("orders-0-0").Offset = 2000;
        await world.EndContainerAsync("orders-0-2");

        await world.PassAsync();
        world.Redis.Gossip();

        Assert.Null(world.Server("orders-0-1").MasterId);
        Assert.NotNull(world.Server("orders-0-0").MasterId);
    }

    /// <summary>After a partition a replica may take its master for failed for a moment longer than it lasted; nothing but the count of its messages tells.</summary>
    [Fact]
    public async Task A_process_that_stood_by_itself_in_vain_is_not_asked_to_take_over()
    {
        var world = await ElectedToAndFroAsync();
        world.Time.Advance(TimeSpan.FromSeconds(61));
        world.Server("orders-0-0").StandInVain();

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });
        await world.SettleAsync();

        Assert.Null(world.Server("orders-0-1").MasterId);
        Assert.Contains(" stood=", world.Note("orders-0", "slotwise.dev/members"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_from_which_its_master_hears_nothing_is_not_asked_to_take_over()
    {
        var world = await ElectedToAndFroAsync();
        world.Time.Advance(TimeSpan.FromSeconds(61));
        world.Server("orders-0-0").SilentFor = 30;

        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 1 });
        await world.SettleAsync();

        Assert.Null(world.Server("orders-0-1").MasterId);
    }

    /// <summary>One entry alone would forget the second last.</summary>
    [Fact]
    public async Task All_failovers_that_matter_are_remembered()
    {
        var world = await ElectedToAndFroAsync();

        Assert.Equal(3, world.Note("orders-0", Note)!.Split(", ").Length);
        world.Time.Advance(TimeSpan.FromMinutes(5));
        world.Server("orders-0-1").Elect();
        world.Redis.Gossip();
        await world.SettleAsync();

        Assert.Single(world.Note("orders-0", Note)!.Split(", "));
    }

    /// <summary>The master is the third pod of its shard, and nobody was elected in its place; the first one stood shortly before it.</summary>
    static async Task<ClusterWorld> ElectedToAndFroAsync()
    {
        var world = await HealthyCluster.CreateAsync(replicas: 3);
        foreach (var pod in (string[])["orders-0-3", "orders-0-0", "orders-0-2"])
        {
            world.Server(pod).Elect();
            world.Redis.Gossip();
            await world.SettleAsync();
        }

        return world;
    }
}
