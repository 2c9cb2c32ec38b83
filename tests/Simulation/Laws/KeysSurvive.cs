using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// No acknowledged key is lost, except by a crash before it was replicated: the ledger knows which writes such a crash may have cost. Of every other one a copy is
/// always somewhere, in a process or on a volume, and at the end it is where clients find it.
/// </summary>
sealed class KeysSurvive() : Law("1", "no key is lost")
{
    public override void AfterCommand(CommandSeen command)
    {
        // Slots are opened by the thousand, and no key goes anywhere by it.
        if (command.Command.Name != "CLUSTER SETSLOT")
        {
            Look($"after {command.Command.Name} on {command.Process.Name}");
        }
    }

    public override void AfterWrite(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (!write.IsReport)
        {
            Look($"after {write.Verb} {write.Kind} {write.ObjectName}");
        }
    }

    public override void Tick() => Look("by now");

    public override void AtEnd()
    {
        // What waits for the user is not served; that it is still there has been looked at all the while.
        if (World.IsDeleted || World.Outcome.IsRefused || World.Outcome.Shortfall is not null)
        {
            return;
        }

        foreach (var entry in World.Ledger.Entries)
        {
            if (entry.Required is { } required)
            {
                var owners = World.Servers.Where(server => server.Cluster.Myself.IsMaster && server.Cluster.Myself.Slots.Contains(entry.Slot)).ToList();
                if (!owners.Exists(owner => VersionedValue.Read(owner.Data.Keys, entry) >= required))
                {
                    var found = string.Join(", ", owners.Select(owner => $"{owner.Name} has {VersionedValue.Read(owner.Data.Keys, entry)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}"));
                    Violated($"key {entry.Key} of slot {entry.Slot}", $"version {required} was acknowledged and is not found at the end: {(found.Length == 0 ? "nobody owns the slot" : found)}", "nothing happened that may cost it");
                    return;
                }
            }
        }
    }

    void Look(string when)
    {
        foreach (var entry in World.Ledger.Entries)
        {
            if (entry.Required is { } required && !World.HasCopy(entry, required))
            {
                entry.GiveUp(required);
                Violated($"key {entry.Key} of slot {entry.Slot}", $"no copy of its acknowledged version {required} is left {when}", "nothing happened that may cost it");
            }
        }
    }
}
