using System.Net;
using System.Text.Json.Nodes;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Tests.Passes.Scaling;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Volumes;

/// <summary>Larger volumes, without a pod noticing.</summary>
public sealed class GrowthTests
{
    [Theory]
    [InlineData(3, 1, "1Gi")]
    [InlineData(2, 0, "1Gi")]
    [InlineData(1, 1, "1024Mi")]
    public async Task Volumes_grow_and_no_pod_is_touched(int shards, int replicas, string size)
    {
        var world = await StoredAsync(shards, replicas, size);
        var pods = Pods(world);
        var commands = world.Redis.Writes.Count;

        await GrowAsync(world, "2Gi");
        await world.SettleAsync();

        AssertGrown(world, shards, replicas, "2Gi");
        Assert.Equal(pods, Pods(world));
        Assert.Equal(commands, world.Redis.Writes.Count);
        Assert.Contains(world.Events, line => line.StartsWith("Normal VolumesGrown: asked for volumes of 2Gi instead of 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_crash_at_any_write_leaves_what_the_next_operator_ends()
    {
        for (var write = 1; ; write++)
        {
            var crashes = 0;
            foreach (var isAfter in (bool[])[false, true])
            {
                var world = await StoredAsync(1, 1, "1Gi");
                var pods = Pods(world);
                var commands = world.Redis.Writes.Count;
                await GrowAsync(world, "2Gi");
                var count = Crashes.At(world, write, isAfter);

                await world.SettleThroughCrashesAsync();

                AssertGrown(world, 1, 1, "2Gi");
                Assert.Equal(pods, Pods(world));
                Assert.Equal(commands, world.Redis.Writes.Count);
                crashes += count();
            }

            if (crashes == 0)
            {
                Assert.InRange(write, 6, 40);
                return;
            }
        }
    }

    /// <summary>Law 13: what was noted on a StatefulSet is noted on the one that takes its place.</summary>
    [Fact]
    public async Task Notes_are_kept()
    {
        var world = await StoredAsync(2, 1, "1Gi");
        var note = $"{world.Server("orders-1-0").Id} {world.Server("orders-1-1").Id} {world.Time.GetUtcNow().AddMinutes(-3):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}";
        await world.AnnotateStatefulSetAsync("orders-1", ClusterMetadata.FailoverAnnotation, note);

        await GrowAsync(world, "2Gi");
        await world.SettleAsync();

        Assert.Equal("2Gi", Claims.SizeOf(world.Set("orders-1")).ToString());
        Assert.Equal(note, world.Note("orders-1", ClusterMetadata.FailoverAnnotation));
        Assert.Equal("true", world.Note("orders-1", ClusterMetadata.FormedAnnotation));
    }

    /// <summary>Law 13: for the moment in which the new one has no notes, a failover that servers remember would be forgotten.</summary>
    [Fact]
    public async Task A_StatefulSet_is_not_made_again_while_a_failover_is_young()
    {
        var world = await StoredAsync(2, 1, "1Gi");
        await world.AnnotateStatefulSetAsync(
            "orders-1",
            ClusterMetadata.FailoverAnnotation,
            $"{world.Server("orders-1-0").Id} {world.Server("orders-1-1").Id} {world.Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");

        await GrowAsync(world, "2Gi");
        await world.SettleAsync();
        Assert.Equal("2Gi", Claims.RequestOf(world.Claim("orders-1-0")).ToString());
        Assert.Equal("1Gi", Claims.SizeOf(world.Set("orders-1")).ToString());

        world.Time.Advance(TimeSpan.FromMinutes(2));
        await world.SettleAsync();
        Assert.Equal("2Gi", Claims.SizeOf(world.Set("orders-1")).ToString());
    }

    [Fact]
    public async Task What_comes_back_is_made_from_the_template_that_its_pods_came_from()
    {
        var world = await StoredAsync(1, 1, "1Gi");
        var pods = Pods(world);
        await GrowAsync(world, "2Gi");
        await RunUntilSetGoesAsync(world);
        await world.RunKubeletAsync();
        Assert.Empty(world.Caches.StatefulSets.List());

        await world.ChangeAsync(spec => spec with { Image = "redis:7.2" });
        await world.PassAsync();

        Assert.Equal("redis:7.0", world.Set("orders-0").Spec!.Template.Spec!.Containers.Single().Image);
        Assert.Equal(pods, Pods(world));
    }

    /// <summary>Law 3, law 13: nothing can be noted on a set that is away, so nothing is done that must be.</summary>
    [Fact]
    public async Task Nothing_is_reshaped_while_a_StatefulSet_is_away()
    {
        var world = await StoredAsync(2, 1, "1Gi");
        var commands = world.Redis.Writes.Count;
        await GrowAsync(world, "2Gi");
        await RunUntilSetGoesAsync(world);

        await world.ChangeAsync(spec => spec with { Shards = 1 });
        await world.PassAsync();
        Assert.Equal("ReplacingStatefulSet", world.Condition("Reconciling").Reason);
        Assert.Contains("its pods run on", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        Assert.Equal(commands, world.Redis.Writes.Count);

        await world.SettleAsync();
        Shapes.AssertShape(world, 1, 1);
    }

    [Fact]
    public async Task A_StatefulSet_that_somebody_deleted_without_its_pods_takes_them_back()
    {
        var world = await StoredAsync(2, 1, "1Gi");
        var pods = Pods(world);
        var commands = world.Redis.Writes.Count;

        await world.DeleteStatefulSetAsync("orders-1", "Orphan");
        await world.SettleAsync();

        Assert.Equal(pods, Pods(world));
        Assert.Equal(commands, world.Redis.Writes.Count);
        Shapes.AssertShape(world, 2, 1);
    }

    [Fact]
    public async Task A_class_that_does_not_let_volumes_grow_is_a_condition_in_the_words_of_the_API_and_changes_nothing()
    {
        const string Words = "persistentvolumeclaims \"data-orders-0-0\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
        var world = await StoredAsync(2, 1, "1Gi");
        var asked = new List<string>();
        world.Api.BeforePatch = (kind, name, patch) =>
        {
            if (kind == typeof(V1PersistentVolumeClaim) && patch["spec"] is JsonObject)
            {
                asked.Add(name);
                throw new KubernetesApiException(HttpStatusCode.Forbidden, new V1Status { Reason = "Forbidden", Message = Words }, null);
            }
        };
        var sets = world.Caches.StatefulSets.List().Select(set => set.Metadata.Uid).ToList();

        await GrowAsync(world, "2Gi");
        await world.RunAsync();

        Assert.All(asked, name => Assert.Equal("data-orders-0-0", name));
        Assert.Equal(("True", "VolumesNotGrown"), (world.Condition("Stalled").Status, world.Condition("Stalled").Reason));
        Assert.Contains(Words, world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Contains("allowVolumeExpansion", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal("True", world.Condition("Ready").Status);
        Assert.Equal(sets, world.Caches.StatefulSets.List().Select(set => set.Metadata.Uid));
        Assert.All(world.Caches.Claims.List(), claim => Assert.Equal("1Gi", Claims.RequestOf(claim).ToString()));

        world.Api.BeforePatch = null;
        await world.SettleAsync();
        AssertGrown(world, 2, 1, "2Gi");
    }

    /// <summary>The CEL of the resource has its say here, too: by it alone going back was a shrink.</summary>
    [Fact]
    public async Task A_growth_that_is_refused_can_be_taken_back_but_no_further()
    {
        var world = await StoredAsync(2, 1, "1Gi");
        Refuse(world, _ => true);
        await GrowAsync(world, "3Gi");
        await world.RunAsync();
        Assert.Contains("spec.storage.size 3Gi: claim data-orders-0-0 stays at 1Gi", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Contains("or take the size back to 1Gi", world.Condition("Stalled").Message, StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<KubernetesApiException>(() => GrowAsync(world, "1000Mi"));
        Assert.Contains("spec.storage.size", refused.Message, StringComparison.Ordinal);
        await GrowAsync(world, "2Gi");
        await world.RunAsync();
        Assert.Equal("VolumesNotGrown", world.Condition("Stalled").Reason);

        await GrowAsync(world, "1Gi");
        await world.SettleAsync();
        AssertGrown(world, 2, 1, "1Gi");
        Assert.Equal("False", world.Condition("Stalled").Status);
    }

    /// <summary>As when a quota has room for some claims only.</summary>
    [Fact]
    public async Task What_some_claims_ask_for_already_cannot_be_taken_back_and_that_is_said()
    {
        var world = await StoredAsync(2, 1, "1Gi");
        Refuse(world, name => name == "data-orders-1-0");

        await GrowAsync(world, "2Gi");
        await world.RunAsync();

        Assert.Contains("claim data-orders-1-0 stays at 1Gi", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Contains("it cannot be taken back, as other claims ask for 2Gi already", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal("2Gi", world.Status.VolumeSize);
        await Assert.ThrowsAsync<KubernetesApiException>(() => GrowAsync(world, "1Gi"));

        world.Api.BeforePatch = null;
        await world.SettleAsync();
        AssertGrown(world, 2, 1, "2Gi");
    }

    /// <summary>A new cluster takes kept volumes over, however large they are.</summary>
    [Fact]
    public async Task Volumes_that_are_larger_than_asked_for_are_no_fault()
    {
        var world = await StoredAsync(1, 1, "2Gi");
        await world.DeleteClusterAsync();
        await world.CollectGarbageAsync();

        var cluster = ClusterWorld.NewCluster(shards: 1);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Storage = new RedisClusterStorage { Size = "1Gi" } } });
        await world.SettleAsync();

        Assert.Equal("False", world.Condition("Stalled").Status);
        Assert.Equal("2Gi", world.Status.VolumeSize);
        Assert.Equal("1Gi", Claims.SizeOf(world.Set("orders-0")).ToString());
    }

    [Fact]
    public async Task As_long_as_a_volume_has_not_grown_that_is_said_and_no_StatefulSet_is_made_again()
    {
        var world = await StoredAsync(2, 1, "1Gi");
        world.GrowsVolumes = false;

        await GrowAsync(world, "2Gi");
        await world.RunAsync();

        Assert.Equal("GrowingVolumes", world.Condition("Reconciling").Reason);
        Assert.Contains("claim data-orders-0-0 has 1Gi of 2Gi", world.Condition("Reconciling").Message, StringComparison.Ordinal);
        Assert.Equal("True", world.Condition("Ready").Status);
        Assert.Equal("1Gi", Claims.SizeOf(world.Set("orders-0")).ToString());

        world.GrowsVolumes = true;
        await world.SettleAsync();
        AssertGrown(world, 2, 1, "2Gi");
    }

    [Fact]
    public async Task A_shard_that_comes_later_has_volumes_of_the_new_size()
    {
        var world = await StoredAsync(2, 1, "1Gi");

        await world.ChangeAsync(spec => spec with { Shards = 3, ReplicasPerShard = 2, Storage = spec.Storage! with { Size = "2Gi" } });
        await world.SettleAsync();

        AssertGrown(world, 3, 2, "2Gi");
    }

    static async Task RunUntilSetGoesAsync(ClusterWorld world)
    {
        for (var round = 0; round < 20; round++)
        {
            await world.PassAsync();
            if (world.Caches.StatefulSets.List().Any(set => set.Metadata.DeletionTimestamp is not null))
            {
                return;
            }

            await world.RunKubeletAsync();
        }

        Assert.Fail("no StatefulSet was made again");
    }

    static void AssertGrown(ClusterWorld world, int shards, int replicas, string size)
    {
        Shapes.AssertShape(world, shards, replicas);
        Assert.Equal(shards * (1 + replicas), world.Caches.Claims.List().Count);
        Assert.All(world.Caches.Claims.List(), claim =>
        {
            Assert.Equal(size, Claims.RequestOf(claim).ToString());
            Assert.Equal(size, Claims.CapacityOf(claim).ToString());
            Assert.Null(claim.Metadata.Annotations?.GetValueOrDefault(SavedStatefulSet.Annotation));
        });
        Assert.All(world.Caches.StatefulSets.List(), set => Assert.Equal(size, Claims.SizeOf(set).ToString()));
    }

    /// <summary>Has the API server refuse to grow these claims, as for their class it does.</summary>
    static void Refuse(ClusterWorld world, Func<string, bool> which) => world.Api.BeforePatch = (kind, name, patch) =>
    {
        if (kind == typeof(V1PersistentVolumeClaim) && patch["spec"] is JsonObject && which(name))
        {
            throw new KubernetesApiException(HttpStatusCode.Forbidden, new V1Status { Reason = "Forbidden", Message = $"persistentvolumeclaims \"{name}\" is forbidden" }, null);
        }
    };

    static Task GrowAsync(ClusterWorld world, string size) => world.ChangeAsync(spec => spec with { Storage = spec.Storage! with { Size = size } });

    static Task<ClusterWorld> StoredAsync(int shards, int replicas, string size) =>
        Shapes.FilledAsync(shards, replicas, spec => spec with { Storage = new RedisClusterStorage { Size = size } });

    static List<string> Pods(ClusterWorld world) => [.. world.Caches.Pods.List().Select(pod => $"{pod.Metadata.Name} {pod.Metadata.Uid}").Order(StringComparer.Ordinal)];
}
