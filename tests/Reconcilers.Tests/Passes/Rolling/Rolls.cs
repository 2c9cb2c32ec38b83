using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Tests.Passes.Scaling;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Rolling;

/// <summary>Clusters whose pods are to be replaced, and what must hold in the end.</summary>
static class Rolls
{
    public const string Old = "redis:7.0";
    public const string New = "redis:7.0.9";
    public const string Missing = "redis:nosuch";

    /// <summary>Enough for every pod of the largest cluster here, and for elections that have to be waited for.</summary>
    public const int Rounds = 400;

    /// <summary>With a short time-out of the servers, so that what must not come too soon comes within some rounds.</summary>
    public static async Task<ClusterWorld> FilledAsync(int shards, int replicas, bool hasVolumes = false, int maxParallel = 1)
    {
        var world = await Shapes.FilledAsync(shards, replicas, spec => spec with
        {
            Config = new SortedDictionary<string, IntOrString> { ["cluster-node-timeout"] = 2000 },
            Storage = hasVolumes ? new RedisClusterStorage { Size = "1Gi" } : null,
            Update = new RedisClusterUpdate { MaxParallelShards = maxParallel },
        });
        world.Time.Advance(TimeSpan.FromMinutes(2));
        world.Unpullable.Add(Missing);
        return world;
    }

    public static Task SetImageAsync(ClusterWorld world, string image) => world.ChangeAsync(spec => spec with { Image = image });

    /// <summary>Rounds that may fail to settle.</summary>
    public static Task RunAsync(ClusterWorld world, int rounds) => Shapes.RunAsync(world, rounds);

    public static void AssertRolled(ClusterWorld world, int shards, int replicas, string image)
    {
        Shapes.AssertShape(world, shards, replicas);
        Assert.All(world.Caches.Pods.List(), pod => Assert.Equal(image, ImageOf(pod)));
        Assert.Single(world.Caches.Pods.List().Select(pod => PodTemplates.StampOf(pod.Metadata)).Distinct());
        Assert.All(world.Caches.StatefulSets.List(), set => Assert.Equal(image, set.Spec!.Template.Spec!.Containers.Single().Image));
        Assert.Equal("False", world.Condition("Stalled").Status);
    }

    public static string? ImageOf(V1Pod pod) => pod.Spec!.Containers.Single(container => container.Name == "redis").Image;

    public static SortedDictionary<string, string> Uids(ClusterWorld world) =>
        new(world.Caches.Pods.List().ToDictionary(pod => pod.Metadata.Name!, pod => pod.Metadata.Uid!), StringComparer.Ordinal);
}
