namespace Slotwise.Reconcilers.Tests.World;

/// <summary>A cluster of which everything is well, with keys in it, for tests that damage it.</summary>
static class HealthyCluster
{
    public const int Keys = 300;

    public static async Task<ClusterWorld> CreateAsync(int shards = 3, int replicas = 1, bool hasVolumes = false)
    {
        var world = new ClusterWorld();
        var cluster = ClusterWorld.NewCluster(shards, replicas);
        if (hasVolumes)
        {
            cluster = cluster with { Spec = cluster.Spec with { Storage = new Entities.RedisClusterStorage { Size = "1Gi" } } };
        }

        await world.CreateAsync(cluster);
        await world.SettleAsync();
        world.Fill(Keys);
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.SettleAsync();
        return world;
    }
}
