using System.Net;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes;

/// <summary>What must never be done, however much it would help.</summary>
public sealed class LawTests
{
    /// <summary>Law 6: an address that now belongs to another cluster's server.</summary>
    [Fact]
    public async Task A_server_of_another_cluster_is_never_met_nor_changed()
    {
        var world = await StartedAsync();
        var address = world.Pod("orders-1-1").Status!.PodIP!;
        var foreign = world.Redis.Start(address, "another-pod", "another-cluster", busPort: 20000);

        await RunAsync(world);

        Assert.Empty(foreign.Known);
        Assert.DoesNotContain(world.Redis.Writes, write => write.Contains(address, StringComparison.Ordinal));
        Assert.Contains("orders-1-1", world.Condition("Ready").Message, StringComparison.Ordinal);
    }

    /// <summary>Law 6: the right cluster, but another pod than the API says: the pod was replaced a moment ago.</summary>
    [Fact]
    public async Task A_server_of_another_pod_is_never_met()
    {
        var world = await StartedAsync();
        var pod = world.Pod("orders-1-1");
        var other = world.Redis.Start(pod.Status!.PodIP!, "an-earlier-pod", world.Cluster.Metadata.Uid!, busPort: 20000);

        await RunAsync(world);

        Assert.Empty(other.Known);
    }

    /// <summary>Law 6: a server that somebody started by other means proves nothing.</summary>
    [Fact]
    public async Task A_server_that_cannot_prove_who_it_is_is_never_met()
    {
        var world = await StartedAsync();
        var unknown = world.Redis.Start(world.Pod("orders-2-0").Status!.PodIP!, "", "", busPort: 20000);

        await RunAsync(world);

        Assert.Empty(unknown.Known);
        Assert.True(unknown.Slots.IsEmpty);
    }

    /// <summary>Laws 1 and 9: a node that nobody can ask may hold the keys of slots that seem to have no owner.</summary>
    [Fact]
    public async Task Slots_are_not_given_away_while_a_server_knows_an_unknown_node()
    {
        var world = await StartedAsync();
        world.Server("orders-0-1").Remember(ModelRedis.NewId("gone"), "10.9.9.9", SlotSet.FromRange(0, 5460));

        await RunAsync(world);

        Assert.All(world.Redis.Servers, server => Assert.True(server.Slots.IsEmpty));
        Assert.Equal("UnknownNode", world.Condition("Stalled").Reason);
        Assert.Contains("10.9.9.9", world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    /// <summary>The node of a pod that was replaced while the cluster formed: nobody would ever hear of it again.</summary>
    [Fact]
    public async Task A_node_that_is_gone_and_owned_nothing_does_not_stop_the_founding()
    {
        var world = await StartedAsync();
        world.Server("orders-0-1").Remember(ModelRedis.NewId("gone"), "10.9.9.9", SlotSet.Empty);

        await world.SettleAsync();

        Assert.Equal("True", world.Condition("Ready").Status);
    }

    /// <summary>Laws 1 and 9: a pod that never ran a process, on a volume that another one may have written to.</summary>
    [Fact]
    public async Task Slots_are_not_given_to_another_pod_while_a_used_volume_waits_for_its_pod()
    {
        var world = new ClusterWorld();
        var cluster = ClusterWorld.NewCluster(shards: 2);
        await world.CreateAsync(cluster with { Spec = cluster.Spec with { Storage = new RedisClusterStorage { Size = "1Gi" } } });
        await world.PassAsync();
        await world.RunKubeletAsync();
        world.Time.Advance(TimeSpan.FromSeconds(30));
        world.Broken["orders-0-0"] = ("ContainerCreating", "");
        await world.DeletePodAsync("orders-0-0");
        await world.RunKubeletAsync();

        await RunAsync(world);

        Assert.All(world.Redis.Servers, server => Assert.True(server.Slots.IsEmpty));
        Assert.Contains("orders-0-0", world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    /// <summary>Laws 1 and 9: a process that runs and does not answer may own slots.</summary>
    [Fact]
    public async Task Slots_are_not_given_away_while_a_running_server_does_not_answer()
    {
        var world = await StartedAsync();
        world.Redis.Stop(world.Pod("orders-2-1").Status!.PodIP!);

        await RunAsync(world);

        Assert.All(world.Redis.Servers, server => Assert.True(server.Slots.IsEmpty));
        Assert.Contains("orders-2-1", world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    /// <summary>Law 1: a slot without owner in a cluster that was whole once is a loss, not a beginning.</summary>
    [Fact]
    public async Task A_lost_shard_is_not_given_empty_slots_as_if_it_were_new()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster(shards: 3, replicas: 0));
        await world.SettleAsync();

        await world.DeletePodAsync("orders-1-0");
        await RunAsync(world);

        Assert.True(world.Server("orders-1-0").Slots.IsEmpty);
        Assert.Equal("False", world.Condition("SlotsCovered").Status);
        Assert.Contains("5461-10922", world.Condition("SlotsCovered").Message, StringComparison.Ordinal);
        Assert.Equal("Uncovered", world.Condition("Reconciling").Reason);
        Assert.InRange((await world.PassAsync())!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal("False", world.Condition("Ready").Status);
    }

    /// <summary>Law 1: following a master discards the server's own keys.</summary>
    [Fact]
    public async Task A_server_with_keys_and_no_slots_is_not_made_a_replica()
    {
        var world = await StartedAsync();
        world.Server("orders-0-1").Put("old", "value");

        await RunAsync(world);

        Assert.Null(world.Server("orders-0-1").MasterId);
        Assert.Equal("UnexpectedKeys", world.Condition("Stalled").Reason);
    }

    /// <summary>The user changes the number of shards while the cluster is being formed, and clients write already.</summary>
    [Fact]
    public async Task Shares_that_changed_while_forming_are_still_given_away_completely()
    {
        var world = new ClusterWorld();
        world.Broken["orders-2-0"] = world.Broken["orders-2-1"] = ("ContainerCreating", "");
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.PassAsync();
        await world.RunKubeletAsync();
        await world.PassAsync();
        world.Server("orders-1-0").Put("new", "value");

        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await RunAsync(world);

        Assert.Equal(SlotSet.Full, world.Server("orders-0-0").Slots.Union(world.Server("orders-1-0").Slots));
    }

    /// <summary>Laws 1 and 9: a shard that the user took back while forming may own slots all the same.</summary>
    [Fact]
    public async Task Slots_are_not_given_away_while_a_server_of_a_shard_too_many_is_silent()
    {
        var world = await StartedAsync();
        world.Redis.Stop(world.Pod("orders-2-0").Status!.PodIP!);

        await world.ChangeAsync(spec => spec with { Shards = 2 });
        await RunAsync(world);

        Assert.All(world.Redis.Servers, server => Assert.True(server.Slots.IsEmpty));
    }

    /// <summary>New passwords would lock the operator out of every server that knows the old ones.</summary>
    [Fact]
    public async Task Lost_passwords_of_running_servers_are_not_replaced()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.SettleAsync();

        await world.DeleteCredentialsAsync();
        await world.PassAsync();

        Assert.Empty(world.Caches.Secrets.List());
        Assert.Contains("Secret orders-credentials lost passwords", world.Condition("Stalled").Message, StringComparison.Ordinal);
    }

    /// <summary>Pods wait for the Secret that they mount: taken for running servers, they would wait for ever.</summary>
    [Fact]
    public async Task Passwords_that_could_not_be_written_at_first_are_written_as_long_as_no_server_ran()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        world.Api.BeforeApply = obj =>
        {
            if (obj is V1Secret)
            {
                throw new KubernetesApiException(HttpStatusCode.InternalServerError, new V1Status { Reason = "InternalError", Message = "etcd has no leader" }, null);
            }
        };
        await world.PassAsync();
        world.Api.BeforeApply = null;
        Assert.NotEmpty(world.Caches.StatefulSets.List());

        await world.PassAsync();

        Assert.Single(world.Caches.Secrets.List());
    }

    [Fact]
    public async Task A_loading_server_is_left_alone()
    {
        var world = await StartedAsync();
        world.Server("orders-0-1").IsLoading = true;

        await RunAsync(world);

        Assert.Empty(world.Server("orders-0-1").Known);
    }

    /// <summary>Pods of an earlier cluster of the same name carry the same labels until they are gone.</summary>
    [Fact]
    public async Task Pods_of_an_earlier_cluster_of_the_same_name_are_not_ours()
    {
        var world = await StartedAsync();
        var earlier = world.Cluster;
        await world.ReplaceClusterAsync();
        Assert.NotEqual(earlier.Metadata.Uid, world.Cluster.Metadata.Uid);

        await RunAsync(world);

        Assert.All(world.Redis.Servers, server => Assert.True(server.Slots.IsEmpty));
        Assert.Empty(world.Redis.Writes);
        Assert.Contains("of an earlier cluster is still being deleted", world.Condition("Reconciling").Message, StringComparison.Ordinal);
    }

    static async Task<ClusterWorld> StartedAsync()
    {
        var world = new ClusterWorld();
        await world.CreateAsync(ClusterWorld.NewCluster());
        await world.PassAsync();
        await world.RunKubeletAsync();
        return world;
    }

    static async Task RunAsync(ClusterWorld world)
    {
        for (var round = 0; round < 10; round++)
        {
            await world.PassAsync();
            await world.RunKubeletAsync();
            world.Redis.Gossip();
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
