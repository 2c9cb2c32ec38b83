using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes;

/// <summary>More and fewer shards and replicas, with keys in them.</summary>
public sealed class ScalingTests
{
    const int Keys = 300;

    [Theory]
    [InlineData(3, 6, 1)]
    [InlineData(6, 3, 1)]
    [InlineData(3, 5, 0)]
    [InlineData(5, 3, 0)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 1, 1)]
    public async Task Ends_in_the_new_shape_with_every_key(int before, int after, int replicas)
    {
        var world = await FilledAsync(before, replicas);

        await world.ChangeAsync(spec => spec with { Shards = after });
        await world.SettleAsync();

        AssertShape(world, after, replicas);
    }

    [Fact]
    public async Task A_settled_pass_writes_nothing_after_scaling()
    {
        var world = await FilledAsync(3, 1);
        foreach (var shards in (int[])[5, 3])
        {
            await world.ChangeAsync(spec => spec with { Shards = shards });
            await world.SettleAsync();
            var writes = world.Writes;

            for (var pass = 0; pass < 3; pass++)
            {
                world.Time.Advance(TimeSpan.FromMinutes(2));
                await world.PassAsync();
            }

            Assert.Equal(writes, world.Writes);
            Assert.Null(world.Status.Operation);
            Assert.Equal("True", world.Condition("Balanced").Status);
        }
    }

    static async Task<ClusterWorld> FilledAsync(int shards, int replicas)
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster(shards, replicas));
        await world.SettleAsync();
        world.Fill(Keys);
        return world;
    }

    static void AssertShape(ClusterWorld world, int shards, int replicas)
    {
        world.Ledger.AssertWhole(shards, replicas);
        Assert.Equal(Enumerable.Range(0, shards).Select(shard => $"orders-{shard}"), world.Caches.StatefulSets.List().Select(set => set.Metadata.Name!).Order(StringComparer.Ordinal));
        Assert.Equal(shards * (1 + replicas), world.Caches.Pods.List().Count);
        Assert.Equal(replicas == 0 ? 0 : shards, world.Caches.DisruptionBudgets.List().Count);
    }
}
