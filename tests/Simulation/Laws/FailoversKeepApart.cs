using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// Elections have memory: after a failover was asked for, that master's voters have 2 x node-timeout to forget it, and a process that stood in an election stands in
/// no other within 4 x. Earlier ones go by old votes, and make two masters for a moment. TAKEOVER asks for no votes and goes by none: it has only to wait until an earlier
/// request is void.
/// </summary>
sealed class FailoversKeepApart() : Law("13", "no failover too soon")
{
    /// <summary>A server gives up after it what it was asked for.</summary>
    static readonly TimeSpan RequestsLast = TimeSpan.FromSeconds(5);

    readonly SortedDictionary<NodeId, TimeSpan> _asked = [];

    public override void BeforeCommand(CommandSeen command)
    {
        var candidate = command.Process;
        if (command.Command.Name != "CLUSTER FAILOVER" || candidate.Cluster.Myself.Master is not { } master)
        {
            return;
        }

        var (now, timeout) = (World.Simulator.Now, candidate.Config.NodeTimeout);
        var needsVotes = !command.Command.ArgumentText(2).Equals("TAKEOVER", StringComparison.OrdinalIgnoreCase);
        if (_asked.TryGetValue(master.Id, out var last) && now - last < (needsVotes ? timeout * 2 : RequestsLast))
        {
            Violated(candidate.Name, $"is told to replace {master.Id} {(now - last).TotalSeconds:0.0} s after somebody was", needsVotes ? "voters do not vote about the same master again for 2 x cluster-node-timeout" : "that one may still be elected");
        }
        else if (needsVotes && candidate.Cluster.Elections is [.., var election] && now - election.At < timeout * 4)
        {
            Violated(candidate.Name, $"is told to stand in an election {(now - election.At).TotalSeconds:0.0} s after its last one", "it may go by the votes and the epoch of that one for 4 x cluster-node-timeout");
        }

        _asked[master.Id] = now;
    }
}
