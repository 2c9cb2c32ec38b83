using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>Who raises cluster-node-timeout for a large key, and from where.</summary>
public sealed class NodeTimeoutTests
{
    /// <summary>A server stands still for it for more than a quarter of the time-out.</summary>
    const int LargeKey = 30 << 20;

    static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The one that is done first would make everybody impatient in the middle of the other.</summary>
    [Fact]
    public async Task Two_large_keys_do_not_move_at_the_same_time()
    {
        var world = await CreateAsync(4, timeout: 2000);
        var context = NewContext(world);
        var second = Move(world, 1, 3);
        Task<StepOutcome>? meanwhile = null;
        var patience = new List<long>();
        world.Redis.AfterWrite = command => meanwhile ??= command.Name == "CONFIG SET" ? second.ExecuteAsync(context, CancellationToken.None) : null;
        world.Redis.BeforeWrite = command => patience.AddRange(command.Name == "MIGRATE" ? [Timeouts(world).Min()] : []);

        var outcome = await Move(world, 0, 2).ExecuteAsync(context, CancellationToken.None);

        Assert.Equal(StepResult.Done, outcome.Result);
        Assert.Equal(StepResult.Failed, (await meanwhile!).Result);
        Assert.Contains("another large key is being moved", (await meanwhile!).Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(patience) > 2000);

        Assert.Equal(StepResult.Done, (await second.ExecuteAsync(NewContext(world), CancellationToken.None)).Result);
        Assert.All(Timeouts(world), timeout => Assert.Equal(2000, timeout));
        Assert.All(world.Caches.StatefulSets.List(), set => Assert.False(set.Metadata.Annotations!.ContainsKey(ClusterMetadata.RaisedTimeoutAnnotation)));
    }

    /// <summary>An earlier move could not undo it: that must not become what is gone back to.</summary>
    [Fact]
    public async Task A_time_out_that_stayed_raised_is_not_taken_for_the_one_to_go_back_to()
    {
        var world = await CreateAsync(3, timeout: 40_000);

        var outcome = await Move(world, 0, 2).ExecuteAsync(NewContext(world), CancellationToken.None);

        Assert.Equal(StepResult.Done, outcome.Result);
        Assert.All(Timeouts(world), timeout => Assert.Equal(2000, timeout));
    }

    /// <summary>Every shard has a large key in the first of its slots.</summary>
    static async Task<ClusterWorld> CreateAsync(int shards, int timeout)
    {
        var world = await Shapes.FilledAsync(shards, 0);
        foreach (var server in world.Redis.Servers)
        {
            server.Config["cluster-node-timeout"] = timeout.ToString(CultureInfo.InvariantCulture);
            server.Put(world.Ledger.NewKey(server.Slots.First()), new string('x', LargeKey));
        }

        return world;
    }

    static IEnumerable<long> Timeouts(ClusterWorld world) =>
        world.Redis.Servers.Select(server => long.Parse(server.Config["cluster-node-timeout"], CultureInfo.InvariantCulture));

    static MoveSlots Move(ClusterWorld world, int from, int to)
    {
        var set = world.Caches.StatefulSets.List().Single(set => set.Metadata.Name == $"orders-{from}");
        var parties = world.Caches.Pods.List().Select(PartyOf).ToList();
        var (source, target) = (Find(from), Find(to));
        return new MoveSlots(
            source,
            target,
            SlotSet.Of(world.Server($"orders-{from}-0").Slots.First()),
            SlotMoveMethod.SetSlot,
            [.. parties.Where(party => party != source && party != target)],
            StatefulSetReference.Of(set))
        {
            NodeTimeout = NodeTimeout,
        };

        Party Find(int shard) => parties.Single(party => party.Server.Pod == $"orders-{shard}-0");

        Party PartyOf(V1Pod pod) => new(
            new ServerReference(pod.Metadata.Name!, pod.Metadata.Uid!, new RedisEndpoint(pod.Status!.PodIP!, ClusterPorts.Data)),
            world.Server(pod.Metadata.Name!).Id);
    }

    static StepContext NewContext(ClusterWorld world) =>
        new(world.Cluster.Metadata.Uid!, world.Api, world.Redis, credentials: null, replication: null, new RandomPasswordSource(), world.Time);
}
