using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>Clusters with keys to begin with, and what must hold in the end.</summary>
static class Shapes
{
    const int Keys = 200;

    /// <summary>So slow that thousands of slots take several passes: a move stops after a second.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromMicroseconds(150);

    /// <param name="shards">How many.</param>
    /// <param name="replicas">Of each.</param>
    /// <param name="change">What else is asked for.</param>
    /// <param name="prepare">What the world is like before the cluster is made.</param>
    public static async Task<ClusterWorld> FilledAsync(int shards, int replicas, Func<RedisClusterSpec, RedisClusterSpec>? change = null, Func<ClusterWorld, Task>? prepare = null)
    {
        var world = new ClusterWorld();
        if (prepare is not null)
        {
            await prepare(world);
        }

        var cluster = ClusterWorld.NewCluster(shards, replicas);
        await world.CreateAsync(cluster with { Spec = change?.Invoke(cluster.Spec) ?? cluster.Spec });
        await world.SettleAsync();
        world.Fill(Keys);
        return world;
    }

    public static async Task RunAsync(ClusterWorld world, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            await world.RoundAsync();
        }
    }

    public static void AssertShape(ClusterWorld world, int shards, int replicas)
    {
        world.Ledger.AssertWhole(shards, replicas);
        Assert.Equal(Enumerable.Range(0, shards).Select(shard => $"orders-{shard}"), world.Caches.StatefulSets.List().Select(set => set.Metadata.Name!).Order(StringComparer.Ordinal));
        Assert.All(world.Caches.StatefulSets.List(), set => Assert.Equal(["slotwise.dev/applied", "slotwise.dev/formed"], NotesOf(set)));
        Assert.Equal(shards * (1 + replicas), world.Caches.Pods.List().Count);
        Assert.Equal(replicas == 0 ? 0 : shards, world.Caches.DisruptionBudgets.List().Count);
        Assert.Null(world.Status.Operation);
        Assert.Equal($"{shards * (1 + replicas)}/{shards * (1 + replicas)}", world.Status.Ready);
        Assert.Equal("True", world.Condition("Balanced").Status);
    }

    /// <summary>The failover note stays: it says for how long no other one may be asked for. So does the one that says why pods were replaced, for people.</summary>
    static IEnumerable<string> NotesOf(V1StatefulSet set) =>
        set.Metadata.Annotations!.Keys.Where(note => note is not ("slotwise.dev/failover" or "slotwise.dev/members" or "slotwise.dev/update")).Order(StringComparer.Ordinal);
}
