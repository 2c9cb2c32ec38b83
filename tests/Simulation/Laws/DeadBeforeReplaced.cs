using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// A master is replaced against its will without votes (TAKEOVER) only if the process that the candidate followed has ended. Whoever cannot be reached is not dead, and neither is
/// a process whose pod object is gone. By votes (FORCE) that is enough, as whoever is cut off from a majority serves nobody for long; as long as its pod is there it must have ended.
/// </summary>
sealed class DeadBeforeReplaced() : Law("4", "a master is replaced only when its process has ended")
{
    readonly SortedDictionary<string, (ServerProcess Replica, ServerProcess Master)> _followed = new(StringComparer.Ordinal);

    public override void Tick()
    {
        foreach (var replica in World.Servers)
        {
            if (replica.Replication.Master is { } master)
            {
                _followed[replica.Name] = (replica, master);
            }
        }
    }

    public override void BeforeCommand(CommandSeen command)
    {
        var mode = command.Command.ArgumentText(2).ToUpperInvariant();
        if (command.Command.Name != "CLUSTER FAILOVER" || mode.Length == 0)
        {
            return;
        }

        Tick();
        if (_followed.TryGetValue(command.Process.Name, out var last) && last.Replica == command.Process && last.Master.IsRunning && last.Master.Cluster.Myself.Id == command.Process.Cluster.Myself.Master?.Id
            && (mode == "TAKEOVER" || World.HasPod(last.Master)))
        {
            Violated(command.Process.Name, $"is told to replace {last.Master.Name} ({mode}), whose process lives", "two masters write the same slots");
        }
    }
}
