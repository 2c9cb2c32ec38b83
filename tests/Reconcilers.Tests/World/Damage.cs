using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>Ways to damage a healthy cluster of which no key is lost by itself. Each acts on shards 0 and 1, on slots of its own.</summary>
static class Damage
{
    public static readonly IReadOnlyList<(string Name, Func<ClusterWorld, Task> DoAsync)> All =
    [
        ("a ghost that one server knows", Plain(world => Master(world, 0).Remember(ModelRedis.NewId("ghost"), "10.9.9.9", SlotSet.Empty))),
        ("a replaced replica", ReplaceReplicaAsync),
        ("an intruder", Plain(Intrude)),
        ("a slot that only its owner thinks is moving", Plain(world => Master(world, 0).Open(100, migratingTo: Master(world, 1).Id))),
        ("a slot whose keys are at the one that imports it", Plain(world => HalfMove(world, 101, isMarkedByOwner: false))),
        ("a slot in the middle of a move", Plain(world => HalfMove(world, 102, isMarkedByOwner: true))),
        ("a slot that goes to a ghost", Plain(world => OpenTowards(world, 103, ModelRedis.NewId("gone")))),
        ("slots that a second master claims without keys", Plain(world => Master(world, 0).Claim(Free(Master(world, 1))))),
        ("a master that lost its slots", Plain(world => Master(world, 1).LoseSlots())),
        ("slots that nobody remembers", Plain(world => Forget(world, SlotSet.FromRange(200, 400)))),
        ("a replica of the wrong master", Plain(world => Replica(world, 0)?.Follow(Master(world, 1)))),
        ("a master that is back with its keys", world => world.RestartContainerAsync(PodOf(world, Master(world, 1)), keepsKeys: true)),
        ("a failover", Plain(Elect)),
    ];

    static ModelServer Master(ClusterWorld world, int shard) =>
        Servers(world, shard).Where(server => server.MasterId is null).OrderByDescending(server => server.Slots.Count).First();

    static ModelServer? Replica(ClusterWorld world, int shard) => Servers(world, shard).FirstOrDefault(server => server.MasterId is not null);

    static IEnumerable<ModelServer> Servers(ClusterWorld world, int shard) =>
        world.Redis.Servers.Where(server => server.Hostname.StartsWith(ClusterNames.Shard(ClusterWorld.Key.Name, shard) + "-", StringComparison.Ordinal));

    static string PodOf(ClusterWorld world, ModelServer server) => world.Caches.Pods.List().Single(pod => pod.Status!.PodIP == server.Address).Metadata.Name!;

    static Func<ClusterWorld, Task> Plain(Action<ClusterWorld> damage) => world =>
    {
        damage(world);
        return Task.CompletedTask;
    };

    static void Intrude(ClusterWorld world)
    {
        var foreign = world.Redis.Start("10.7.7.7", "foreign", "another-cluster", ClusterPorts.Bus(ClusterWorld.Key));
        foreign.Execute(ClusterCommands.Meet(Master(world, 0).Address, ClusterPorts.Data, ClusterPorts.Bus(ClusterWorld.Key)));
        world.Redis.Greet();
    }

    static void HalfMove(ClusterWorld world, int slot, bool isMarkedByOwner)
    {
        var owner = Master(world, 0);
        var target = Master(world, 1);
        target.Open(slot, importingFrom: owner.Id);
        if (isMarkedByOwner)
        {
            owner.Open(slot, migratingTo: target.Id);
        }

        // Of a slot without owner, because of another damage, clients write nothing.
        if (owner.Slots.Contains(slot))
        {
            world.Ledger.WriteTo(owner, world.Ledger.NewKey(slot));
        }

        world.Ledger.WriteTo(target, world.Ledger.NewKey(slot));
        world.Redis.Replicate();
    }

    static void OpenTowards(ClusterWorld world, int slot, NodeId ghost)
    {
        var owner = Master(world, 0);
        owner.Remember(ghost, "10.9.9.8", SlotSet.Empty);
        owner.Open(slot, migratingTo: ghost);
    }

    /// <summary>Slots of the master of which it holds no key.</summary>
    static SlotSet Free(ModelServer master) => master.Slots.Except(master.Data.Slots).Take(50);

    static async Task ReplaceReplicaAsync(ClusterWorld world)
    {
        if (Replica(world, 1) is { } replica)
        {
            await world.DeletePodAsync(PodOf(world, replica));
        }
    }

    static void Forget(ClusterWorld world, SlotSet slots)
    {
        foreach (var server in world.Redis.Servers)
        {
            server.Lose(slots);
        }
    }

    /// <summary>
    /// A replica with all its master's keys is elected, and the master hears of it before anybody writes to it. Not one that imports slots of which the owner knows
    /// nothing: replicas of Redis do not know of open slots, so after these two accidents nobody could tell where the keys are.
    /// </summary>
    static void Elect(ClusterWorld world)
    {
        world.Redis.Replicate();
        if (Replica(world, 1) is { IsLinkUp: true } replica && Master(world, 1) is { Importing.IsEmpty: true } master && replica.ReachedMaster == master)
        {
            replica.Elect();
            world.Redis.Gossip();
        }
    }
}
