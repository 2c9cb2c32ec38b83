using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>After a command of the operator there are not fewer replicas in sync than before it; one that follows the master of another shard is no copy that counts.</summary>
sealed class CopiesStay() : Law("1", "no fewer copies in sync after a step")
{
    readonly SortedDictionary<string, int> _before = new(StringComparer.Ordinal);

    public override void BeforeCommand(CommandSeen command)
    {
        if (ChangesRoles(command))
        {
            Count(_before);
        }
    }

    public override void AfterCommand(CommandSeen command)
    {
        if (!ChangesRoles(command))
        {
            return;
        }

        var after = new SortedDictionary<string, int>(StringComparer.Ordinal);
        Count(after);
        foreach (var (master, copies) in _before)
        {
            if (after.GetValueOrDefault(master) < copies && World.Servers.Any(server => server.Name == master && server.Cluster.Myself.IsMaster))
            {
                Violated(command.Process.Name, $"{command.Command} leaves {master} with {after.GetValueOrDefault(master)} replicas in sync instead of {copies}", "a crash of the master would cost more than before");
            }
        }
    }

    /// <summary>Somebody else has its slots by now, which it has not heard.</summary>
    bool IsReplaced(ServerProcess master) =>
        World.Servers.Any(other => other != master && other.View.IsMaster && other.View.ConfigEpoch > master.View.ConfigEpoch && other.View.Slots.Overlaps(master.View.Slots));

    static bool ChangesRoles(CommandSeen command) => command.Command.Name is "CLUSTER REPLICATE" or "CLUSTER FORGET" or "CLUSTER RESET" or "CLUSTER MEET" or "CONFIG SET" or "ACL LOAD" or "FLUSHALL";

    void Count(SortedDictionary<string, int> copies)
    {
        copies.Clear();
        foreach (var replica in World.Servers)
        {
            if (replica.Replication.Master is { IsRunning: true } master && RunWorld.ShardOf(master) == RunWorld.ShardOf(replica) && !master.View.Slots.IsEmpty && !replica.View.IsLoading && !IsReplaced(master))
            {
                copies[master.Name] = copies.GetValueOrDefault(master.Name) + 1;
            }
        }
    }
}
