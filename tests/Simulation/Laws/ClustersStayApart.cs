using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>No server gets to know one of another cluster.</summary>
sealed class ClustersStayApart() : Law("6", "two clusters never merge")
{
    bool _isTold;

    public override void Tick()
    {
        if (_isTold || !World.Scenario.Shape.HasNeighbour)
        {
            return;
        }

        foreach (var server in World.AllServers)
        {
            foreach (var known in server.Cluster.Nodes)
            {
                if (!known.IsInHandshake && !known.IsMyself && World.AllServers.FirstOrDefault(other => other.Cluster.Myself.Id == known.Id) is { } other && RunWorld.ClusterOf(other) != RunWorld.ClusterOf(server))
                {
                    _isTold = true;
                    Violated(server.Name, $"knows {other.Name} of another cluster", "gossip merges the two for good");
                    return;
                }
            }
        }
    }

    public override void AfterCommand(CommandSeen command)
    {
        if (command.Command.Name == "CLUSTER MEET" && World.AllServers.FirstOrDefault(server => server.Address == command.Command.ArgumentText(2)) is { } other && RunWorld.ClusterOf(other) != RunWorld.ClusterOf(command.Process) && !_isTold)
        {
            _isTold = true;
            Violated(command.Process.Name, $"is told to meet {other.Name} of another cluster", "gossip merges the two for good");
        }
    }
}
