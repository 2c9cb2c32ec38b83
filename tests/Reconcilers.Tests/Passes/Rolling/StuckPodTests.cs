using System.Text.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Rolling;

/// <summary>A new pod that does not start stops everything and harms nobody; and there is always a way out, forward or back.</summary>
public sealed class StuckPodTests
{
    [Theory]
    [InlineData(3, 1)]
    [InlineData(1, 1)]
    public async Task A_bad_image_takes_one_replica_and_can_be_taken_back(int shards, int replicas)
    {
        var world = await Rolls.FilledAsync(shards, replicas);
        var before = Rolls.Uids(world);
        var oracle = RollOracle.Watch(world);

        await Rolls.SetImageAsync(world, Rolls.Missing);
        await Rolls.RunAsync(world, 60);

        Assert.Equal(["orders-0-1"], oracle.Ended);
        Assert.Equal("ErrImagePull", world.Condition("Stalled").Reason);
        Assert.Contains("orders-0-1 was made anew (image redis:7.0 -> redis:nosuch) and does not start", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Contains("failed to pull redis:nosuch: not found", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal("16384/16384", world.Status.Slots);

        await Rolls.SetImageAsync(world, Rolls.Old);
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, shards, replicas, Rolls.Old);
        Assert.Equal(["orders-0-1"], before.Keys.Where(pod => before[pod] != world.Pod(pod).Metadata.Uid));
    }

    [Theory]
    [InlineData(3, 1, false)]
    [InlineData(1, 0, true)]
    public async Task A_bad_image_can_be_corrected(int shards, int replicas, bool hasVolumes)
    {
        var world = await Rolls.FilledAsync(shards, replicas, hasVolumes);
        RollOracle.Watch(world);
        await Rolls.SetImageAsync(world, Rolls.Missing);
        await Rolls.RunAsync(world, 20);

        await Rolls.SetImageAsync(world, Rolls.New);
        await world.SettleAsync(Rolls.Rounds);

        Rolls.AssertRolled(world, shards, replicas, Rolls.New);
    }

    [Fact]
    public async Task A_bad_image_that_is_followed_by_another_one_takes_no_more_pods()
    {
        var world = await Rolls.FilledAsync(3, 1);
        var before = Rolls.Uids(world);
        world.Unpullable.Add("redis:neither");
        await Rolls.SetImageAsync(world, Rolls.Missing);
        await Rolls.RunAsync(world, 20);

        await Rolls.SetImageAsync(world, "redis:neither");
        await Rolls.RunAsync(world, 20);

        Assert.Equal(["orders-0-1"], before.Keys.Where(pod => before[pod] != world.Pod(pod).Metadata.Uid));
        Assert.Contains("redis:neither", world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    /// <summary>peers: OT 1097, a failed update that cannot be undone.</summary>
    [Fact]
    public async Task A_wrong_image_at_the_creation_is_corrected_by_an_edit()
    {
        var world = new ClusterWorld();
        world.Unpullable.Add(Rolls.Missing);
        var cluster = ClusterWorld.NewCluster();
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Image = Rolls.Missing } });
        await Rolls.RunAsync(world, 5);

        await Rolls.SetImageAsync(world, Rolls.New);
        await world.SettleAsync();

        Rolls.AssertRolled(world, 3, 1, Rolls.New);
    }

    /// <summary>Rule 4: that is what templates are edited late for.</summary>
    [Fact]
    public async Task Pods_of_shards_whose_turn_has_not_come_are_brought_back_as_they_were()
    {
        var world = await Rolls.FilledAsync(3, 1);
        await Rolls.SetImageAsync(world, Rolls.Missing);
        await Rolls.RunAsync(world, 20);

        await world.DeletePodAsync("orders-1-1");
        await world.DeletePodAsync("orders-2-1");
        await Rolls.RunAsync(world, 20);

        Assert.Equal(Rolls.Old, Rolls.ImageOf(world.Pod("orders-1-1")));
        Assert.Equal(Rolls.Old, Rolls.ImageOf(world.Pod("orders-2-1")));
        Assert.True(world.Server("orders-1-1").IsLinkUp);
    }

    [Fact]
    public async Task A_missing_StatefulSet_comes_back_with_the_newest_template_that_works()
    {
        var world = await Rolls.FilledAsync(3, 2);
        await Rolls.SetImageAsync(world, Rolls.Missing);
        await Rolls.RunAsync(world, 20);

        await world.DeleteStatefulSetAsync("orders-2");
        await world.PassAsync();

        var set = world.Caches.StatefulSets.Get(new NamespacedName("default", "orders-2"))!;
        Assert.Equal(Rolls.Old, set.Spec!.Template.Spec!.Containers.Single().Image);
        Assert.Equal("2", set.Spec.Template.Metadata!.Labels!["slotwise.dev/shard"]);
    }

    /// <summary>Whoever finds no room for his pods asks for less.</summary>
    [Fact]
    public async Task A_pod_that_does_not_run_is_replaced_although_the_cluster_is_hurt()
    {
        var world = await Rolls.FilledAsync(3, 1);
        world.Broken["orders-1-1"] = ("CreateContainerConfigError", "no room for it");
        await world.DeletePodAsync("orders-1-1");
        await Rolls.RunAsync(world, 5);
        world.Broken.Clear();
        RollOracle.Watch(world);

        await Rolls.SetImageAsync(world, Rolls.New);
        await world.SettleAsync(Rolls.Rounds);

        Rolls.AssertRolled(world, 3, 1, Rolls.New);
    }

    /// <summary>As a sidecar does whose probe fails: its pods waited for each other to be ready, and nobody could take it away again.</summary>
    [Theory]
    [InlineData("orders-0-0")]
    [InlineData("orders-0-0", "orders-0-1")]
    [InlineData("orders-0-0", "orders-0-1", "orders-0-2")]
    [InlineData("orders-0-1", "orders-0-2")]
    public async Task A_template_that_keeps_pods_from_being_ready_gives_way_to_another_one(params string[] unready)
    {
        var world = await Rolls.FilledAsync(3, 2);
        foreach (var pod in unready)
        {
            await world.BecomeUnreadyAsync(pod);
            await world.BecomeUnreadyAsync(pod.Replace("orders-0", "orders-1", StringComparison.Ordinal));
        }

        RollOracle.Watch(world);
        await Rolls.SetImageAsync(world, Rolls.New);
        await world.SettleAsync(Rolls.Rounds);

        Assert.All(world.Caches.Pods.List(), pod => Assert.Equal(Rolls.New, Rolls.ImageOf(pod)));
        Assert.Equal("True", world.Condition("Ready").Status);
    }

    [Fact]
    public async Task Where_all_pods_are_not_ready_a_new_template_that_does_not_help_still_takes_one_replica()
    {
        var world = await Rolls.FilledAsync(3, 2);
        var before = Rolls.Uids(world);
        foreach (var pod in before.Keys)
        {
            world.Unready.Add(pod);
            await world.BecomeUnreadyAsync(pod);
        }

        await Rolls.SetImageAsync(world, Rolls.New);
        await Rolls.RunAsync(world, 60);

        Assert.Equal(["orders-0-2"], before.Keys.Where(pod => before[pod] != world.Pod(pod).Metadata.Uid));
    }

    /// <summary>What is refused is not given to a pod that does not run either, though that one is replaced whatever else is the matter.</summary>
    [Theory]
    [InlineData("""{"spec":{"hostNetwork":true}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","env":5}]}}""")]
    public async Task A_template_that_is_refused_is_given_to_nobody(string template)
    {
        var world = await Rolls.FilledAsync(3, 1);
        await Rolls.SetImageAsync(world, Rolls.Missing);
        await Rolls.RunAsync(world, 20);
        var before = Rolls.Uids(world);

        await world.ChangeAsync(spec => spec with { Image = Rolls.Old, PodTemplate = JsonElement.Parse(template) });
        await Rolls.RunAsync(world, 20);

        Assert.Equal("InvalidSpec", world.Condition("Stalled").Reason);
        Assert.Contains("spec.podTemplate.spec.", world.Condition("Stalled").Message, StringComparison.Ordinal);
        Assert.Equal(before, Rolls.Uids(world));

        await world.ChangeAsync(spec => spec with { PodTemplate = null });
        await world.SettleAsync(Rolls.Rounds);
        Rolls.AssertRolled(world, 3, 1, Rolls.Old);
    }
}
