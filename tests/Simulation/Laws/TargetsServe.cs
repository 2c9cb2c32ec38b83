using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>No slot is opened towards a server that does not serve yet: it would refuse the keys, and the slot stays open (seen with redis-cli --cluster rebalance).</summary>
sealed class TargetsServe() : Law("13", "slots move only to servers that serve")
{
    public override void BeforeCommand(CommandSeen command)
    {
        if (command.Command.Name == "CLUSTER SETSLOT"
            && command.Command.ArgumentText(3).Equals("IMPORTING", StringComparison.OrdinalIgnoreCase)
            && !command.Process.Cluster.IsOk)
        {
            Violated(command.Process.Name, $"is to import slot {command.Command.ArgumentText(2)} before its cluster_state is ok", "clients find the slot nowhere until it serves");
        }
    }
}
