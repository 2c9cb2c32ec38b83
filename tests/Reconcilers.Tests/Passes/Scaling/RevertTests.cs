using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>Law 8: whatever was begun can be taken back at any moment.</summary>
public sealed class RevertTests
{
    /// <summary>As many as these changes take.</summary>
    const int Rounds = 10;

    public static TheoryData<int> EveryRound => [.. Enumerable.Range(0, Rounds)];

    [Theory]
    [MemberData(nameof(EveryRound))]
    public async Task Scaling_out_is_taken_back(int after)
    {
        var world = await ChangedAsync(from: 2, to: 3, after);

        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 2, 1);
    }

    /// <summary>peers: valkey-io 445, an emptied shard that nobody fills again.</summary>
    [Theory]
    [MemberData(nameof(EveryRound))]
    public async Task Scaling_in_is_taken_back(int after)
    {
        var world = await ChangedAsync(from: 3, to: 2, after);

        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 3, 1);
    }

    [Theory]
    [MemberData(nameof(EveryRound))]
    public async Task From_3_to_6_to_4_to_3(int after)
    {
        var world = await ChangedAsync(from: 3, to: 6, after);

        await world.ChangeAsync(spec => spec with { Shards = 4 });
        await Shapes.RunAsync(world, after);
        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 3, 1);
        var writes = world.Writes;
        await world.PassAsync();
        Assert.Equal(writes, world.Writes);
    }

    /// <summary>On volumes the nodes come back under the ids that were just forgotten.</summary>
    [Theory]
    [MemberData(nameof(EveryRound))]
    public async Task A_shard_with_volumes_comes_back(int after)
    {
        var world = await Shapes.FilledAsync(3, 0, spec => spec with { Storage = new Entities.RedisClusterStorage { Size = "1Gi" } });
        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await Shapes.RunAsync(world, after);

        await world.ChangeAsync(spec => spec with { Shards = 3 });
        await world.SettleAsync();

        Shapes.AssertShape(world, 3, 0);
    }

    [Theory]
    [MemberData(nameof(EveryRound))]
    public async Task A_deletion_in_the_middle_ends_all_of_it(int after)
    {
        var world = await ChangedAsync(from: 2, to: 3, after);
        await world.DeleteClusterAsync();
        var writes = world.Writes;

        Assert.Null(await world.PassAsync());

        Assert.Equal(writes, world.Writes);
    }

    static async Task<ClusterWorld> ChangedAsync(int from, int to, int after)
    {
        var world = await Shapes.FilledAsync(from, 1);
        world.SlowDown(Shapes.Slow);
        await world.ChangeAsync(spec => spec with { Shards = to });
        await Shapes.RunAsync(world, after);
        return world;
    }
}
