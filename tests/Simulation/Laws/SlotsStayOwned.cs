using System.Globalization;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// A command of the operator leaves no slot without owner: if the one that gives a slot away is told before the one that gets it, and that one dies, nobody has it
/// (redis #7116).
/// </summary>
sealed class SlotsStayOwned() : Law("1", "every slot keeps an owner")
{
    bool _wasOwned;

    public override void BeforeCommand(CommandSeen command)
    {
        if (SlotOf(command) is { } slot)
        {
            _wasOwned = IsOwned(slot);
        }
    }

    public override void AfterCommand(CommandSeen command)
    {
        // Valkey has a command wait for the replicas; what a fault does to the owner meanwhile is not the doing of one that is refused in the end.
        if (!command.IsRefused && SlotOf(command) is { } slot && _wasOwned && !IsOwned(slot))
        {
            Violated(command.Process.Name, $"{command.Command} leaves slot {slot} without owner", "if anybody fails now it is lost");
        }
    }

    /// <summary>The slot whose owner the server is told. In a transaction it takes effect later, with all others.</summary>
    static int? SlotOf(CommandSeen command) =>
        command.Command.Name == "CLUSTER SETSLOT" && command.Command.ArgumentText(3) == "NODE" ? int.Parse(command.Command.ArgumentText(2), CultureInfo.InvariantCulture) : null;

    bool IsOwned(int slot)
    {
        foreach (var server in World.AllServers)
        {
            if (server.View.IsMaster && server.View.Slots.Contains(slot))
            {
                return true;
            }
        }

        return false;
    }
}
