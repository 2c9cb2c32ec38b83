using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// Nobody forgets a node that owns slots, that others still follow, or that may come back with either: a failed master that its voters have forgotten has no
/// successor (valkey-operator #43).
/// </summary>
sealed class OwnersAreRemembered() : Law("1", "nothing that owns a slot is forgotten")
{
    public override void BeforeCommand(CommandSeen command)
    {
        if (command.Command.Name != "CLUSTER FORGET" || !NodeId.TryParse(command.Command.ArgumentText(2), out var id) || World.IsForeign(id))
        {
            return;
        }

        if (World.Servers.FirstOrDefault(server => server.Cluster.Myself.Id == id) is { } living && World.SlotsOf(living) is { IsEmpty: false } slots)
        {
            Violated(command.Process.Name, $"is told to forget {living.Name}, which owns slots {slots}", "its slots and its followers go with it");
        }
        else if (World.NodesFileOf(id) is { IsMaster: true, Slots.IsEmpty: false } file && IsStillOwner(id))
        {
            Violated(command.Process.Name, $"is told to forget {id}, which can come back with slots {file.Slots}", "its slots and its followers go with it");
        }
        else if (World.Servers.FirstOrDefault(server => server.Cluster.Myself.Master?.Id == id && server.Data.Keys.Count > 0) is { } follower && command.Process.Cluster.Find(id) is { Slots.IsEmpty: false })
        {
            Violated(command.Process.Name, $"is told to forget {id}, which {follower.Name} follows and could replace", "nobody is elected in place of a node that is unknown");
        }
    }

    /// <summary>Whether nobody has taken its place meanwhile.</summary>
    bool IsStillOwner(NodeId id) => World.Servers.Any(server => server.Cluster.Find(id) is { } known && !known.Slots.IsEmpty && known.Has(NodeFlags.Master));
}
