using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Runs;

/// <summary>When all is done: the world is as it was asked for, and nothing in it works on anything any more.</summary>
public sealed partial class RunWorld
{
    /// <summary>What keeps the cluster from being as it shall be; null when it is.</summary>
    public string? FindBroken()
    {
        if (Cluster is not { } cluster)
        {
            return null;
        }

        var servers = Servers;
        var owners = servers.Where(server => server.View is { IsMaster: true, IsServing: true, IsLoading: false } && !server.IsPaused).ToList();
        if (owners.Sum(server => server.View.Slots.Count) < SlotSet.SlotCount)
        {
            return $"nobody serves slots {owners.Aggregate(SlotSet.Empty, (all, server) => all.Union(server.View.Slots)).Complement()}";
        }

        for (var shard = 0; shard < cluster.Spec.Shards; shard++)
        {
            for (var ordinal = 0; ordinal < cluster.Spec.NodesPerShard; ordinal++)
            {
                var name = ClusterNames.Pod(Key.Name, shard, ordinal);
                if (ServerOf(name) is not { } server)
                {
                    return $"{name} does not run";
                }

                // A connection to a process that has ended is taken for alive for a while.
                if (server.IsPaused || server.View.IsLoading || (!server.View.IsMaster && !(server.View.IsInSync && server.View.Master is { IsRunning: true })))
                {
                    return $"{name} is no {(server.View.IsMaster ? "master that answers" : "replica in sync")}";
                }
            }
        }

        return null;
    }

    /// <summary>What goes on by itself still and will be over soon, whoever wants what; null when nothing does. The operator may have to do something about it.</summary>
    string? FindUnrest() =>
        Kubernetes.Hosts.Select(host => host.FindWork()).FirstOrDefault(work => work is not null)
        ?? Servers.Where(server => !server.IsPaused).Select(FindUnrest).FirstOrDefault(unrest => unrest is not null);

    string? FindUnrest(ServerProcess server) =>
        server.View.IsLoading || server.View.IsCopying ? $"{server.Name} gets its data"
        : Servers.FirstOrDefault(other => !other.IsPaused && server.View.Suspects(other.View.Id)) is { } suspect ? $"{server.Name} suspects {suspect.Name}"
        : !Outcome.IsRefused && !server.View.IsServing ? $"{server.Name} does not serve"
        : null;
}
