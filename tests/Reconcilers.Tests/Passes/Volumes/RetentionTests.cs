using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.Passes.Scaling;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Volumes;

/// <summary>What becomes of volumes when their cluster is deleted. No pass takes part in it: an operator may not even run then.</summary>
public sealed class RetentionTests
{
    [Theory]
    [InlineData(VolumeRetention.Retain, 4)]
    [InlineData(VolumeRetention.Delete, 0)]
    public async Task A_deleted_cluster_takes_with_it_all_that_it_made_and_of_its_volumes_what_was_asked_for(VolumeRetention retention, int left)
    {
        var world = await StoredAsync(retention);

        await world.DeleteClusterAsync();
        await world.CollectGarbageAsync();

        Assert.Equal(left, world.Caches.Claims.List().Count);
        var objects = world.Caches.Read(ClusterWorld.Key);
        Assert.Empty((IKubernetesObject[])[.. objects.Services, .. objects.ConfigMaps, .. objects.Secrets, .. objects.NetworkPolicies, .. objects.DisruptionBudgets, .. objects.StatefulSets]);
        Assert.Empty(world.Caches.Pods.List());
    }

    [Fact]
    public async Task Whoever_changes_his_mind_is_heard_as_long_as_there_is_a_cluster()
    {
        var world = await StoredAsync(VolumeRetention.Retain);
        Assert.All(world.Caches.Claims.List(), claim => Assert.Empty(claim.Metadata.OwnerReferences ?? []));

        await RetainAsync(world, VolumeRetention.Delete);
        Assert.All(world.Caches.Claims.List(), claim => Assert.Equal(world.Cluster.Metadata.Uid, Assert.Single(claim.Metadata.OwnerReferences!).Uid));
        Assert.All(world.Caches.Claims.List(), claim => Assert.Null(claim.Metadata.OwnerReferences![0].Controller));

        await RetainAsync(world, VolumeRetention.Retain);
        Assert.All(world.Caches.Claims.List(), claim => Assert.Empty(claim.Metadata.OwnerReferences ?? []));
    }

    /// <summary>They are those of an earlier cluster that was larger and kept them; nobody asked for their end.</summary>
    [Fact]
    public async Task Volumes_that_a_cluster_never_used_do_not_go_with_it()
    {
        var world = await StoredAsync(VolumeRetention.Retain);
        await world.ChangeAsync(spec => spec with { Shards = 1 });
        await world.SettleAsync();
        await world.DeleteClusterAsync();
        await world.CollectGarbageAsync();
        Assert.Equal(4, world.Caches.Claims.List().Count);

        var cluster = ClusterWorld.NewCluster(shards: 1, replicas: 0);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Storage = new RedisClusterStorage { Size = "1Gi", WhenDeleted = VolumeRetention.Delete } } });
        await world.SettleAsync();
        await world.DeleteClusterAsync();
        await world.CollectGarbageAsync();

        Assert.Equal(["data-orders-0-1", "data-orders-1-0", "data-orders-1-1"], world.Caches.Claims.List().Select(claim => claim.Metadata.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Volumes_of_removed_pods_that_were_kept_go_with_their_cluster()
    {
        var world = await StoredAsync(VolumeRetention.Delete);
        await world.ChangeAsync(spec => spec with { ReplicasPerShard = 0 });
        await world.SettleAsync();
        Assert.Equal(4, world.Caches.Claims.List().Count);

        await world.DeleteClusterAsync();
        await world.CollectGarbageAsync();

        Assert.Empty(world.Caches.Claims.List());
    }

    /// <summary>Law 1: a server would begin on a volume that ends with it.</summary>
    [Fact]
    public async Task No_pod_begins_on_a_volume_that_is_to_go_with_an_earlier_cluster_of_the_name()
    {
        var world = await StoredAsync(VolumeRetention.Delete);
        await world.DeleteClusterAsync();
        var cluster = ClusterWorld.NewCluster(shards: 2, replicas: 1);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Storage = new RedisClusterStorage { Size = "1Gi" } } });
        foreach (var set in world.Caches.StatefulSets.List())
        {
            await world.DeleteStatefulSetAsync(set.Metadata.Name!);
        }

        await world.PassAsync();
        Assert.Empty(world.Caches.StatefulSets.List());
        Assert.Equal("EarlierVolumes", world.Condition("Reconciling").Reason);

        await world.CollectGarbageAsync();
        await world.SettleAsync();
        Assert.Equal(["data-orders-0-0", "data-orders-0-1", "data-orders-1-0", "data-orders-1-1"], world.Caches.Claims.List().Select(claim => claim.Metadata.Name).Order(StringComparer.Ordinal));
    }

    static async Task RetainAsync(ClusterWorld world, VolumeRetention retention)
    {
        await world.ChangeAsync(spec => spec with { Storage = spec.Storage! with { WhenDeleted = retention } });
        await world.SettleAsync();
    }

    static Task<ClusterWorld> StoredAsync(VolumeRetention retention) =>
        Shapes.FilledAsync(2, 1, spec => spec with { Storage = new RedisClusterStorage { Size = "1Gi", WhenDeleted = retention } });
}
