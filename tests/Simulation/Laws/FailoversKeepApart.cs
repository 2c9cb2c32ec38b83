using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// Elections have memory: after a failover was asked for, that master's voters have 2 x node-timeout to forget it, and a process that stood in an election stands in
/// no other within 4 x. Earlier ones go by old votes, and make two masters for a moment.
/// </summary>
sealed class FailoversKeepApart() : Law("13", "no failover too soon")
{
    readonly SortedDictionary<NodeId, TimeSpan> _asked = [];

    public override void BeforeCommand(CommandSeen command)
    {
        var candidate = command.Process;
        if (command.Command.Name != "CLUSTER FAILOVER" || candidate.Cluster.Myself.Master is not { } master)
        {
            return;
        }

        var (now, timeout) = (World.Simulator.Now, candidate.Config.NodeTimeout);
        if (_asked.TryGetValue(master.Id, out var last) && now - last < timeout * 2)
        {
            Violated(candidate.Name, $"is told to replace {master.Id} {(now - last).TotalSeconds:0.0} s after somebody was", "voters do not vote about the same master again for 2 x cluster-node-timeout");
        }
        else if (candidate.Cluster.Elections is [.., var election] && now - election.At < timeout * 4)
        {
            Violated(candidate.Name, $"is told to stand in an election {(now - election.At).TotalSeconds:0.0} s after its last one", "it may go by the votes and the epoch of that one for 4 x cluster-node-timeout");
        }

        _asked[master.Id] = now;
    }
}
