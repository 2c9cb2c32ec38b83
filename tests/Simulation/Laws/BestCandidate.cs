using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// Who is told to take a gone master's place has at least as much of its data as every sibling that the operator can reach. In a handover it takes the place only when it
/// has all that the master has, which holds its clients back meanwhile.
/// </summary>
sealed class BestCandidate() : Law("5", "the candidate has the most data")
{
    public override void BeforeCommand(CommandSeen command)
    {
        if (command.Command.Name != "CLUSTER FAILOVER" || command.Command.Arguments.Length < 3 || command.Process.Cluster.Myself.Master is not { } master)
        {
            return;
        }

        var candidate = command.Process;
        foreach (var sibling in World.Servers)
        {
            if (sibling != candidate
                && sibling.Cluster.Myself.Master?.Id == master.Id
                && sibling.Replication.History == candidate.Replication.History
                && sibling.Replication.Offset > candidate.Replication.Offset
                && World.IsInReach(command.From, sibling)
                && World.HasBeenCalm(sibling))
            {
                Violated(candidate.Name, $"is told to replace {master.Id} at offset {candidate.Replication.Offset} while {sibling.Name} has {sibling.Replication.Offset}", "what only the other one has is lost");
            }
        }
    }
}
