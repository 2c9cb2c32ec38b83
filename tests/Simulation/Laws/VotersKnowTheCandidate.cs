using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// Before a failover that goes by votes a majority of the masters, and for a handover the master itself, list the candidate as that master's replica: else the
/// command is answered with OK and does nothing, and the time until the next attempt is lost.
/// </summary>
sealed class VotersKnowTheCandidate() : Law("13", "the voters know the candidate")
{
    public override void BeforeCommand(CommandSeen command)
    {
        var mode = command.Command.ArgumentText(2).ToUpperInvariant();
        if (command.Command.Name != "CLUSTER FAILOVER" || mode == "TAKEOVER" || command.Process.Cluster.Myself is not { Master: { } master } candidate)
        {
            return;
        }

        var voters = World.Servers.Where(server => server.Cluster.Myself is { IsMaster: true, Slots.IsEmpty: false }).ToList();
        var knowing = voters.Where(voter => voter.Cluster.Find(candidate.Id) is { IsInHandshake: false } known && known.Master?.Id == master.Id && known.Ip == command.Process.Address).ToList();
        if (knowing.Count * 2 <= voters.Count)
        {
            Violated(command.Process.Name, $"is told to replace {master.Id} while only {knowing.Count} of {voters.Count} masters know it as its replica", "it cannot be elected");
        }
        else if (mode.Length == 0 && !knowing.Exists(voter => voter.Cluster.Myself.Id == master.Id))
        {
            Violated(command.Process.Name, $"is told to take over from {master.Id}, which does not list it", "the master ignores it");
        }
    }
}
