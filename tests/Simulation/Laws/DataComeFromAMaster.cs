namespace Slotwise.Simulation.Laws;

/// <summary>What a server holds is what some master held at some time: nobody has a mixture that no master ever had.</summary>
sealed class DataComeFromAMaster() : Law("5", "every dataset is a prefix of some master's history")
{
    readonly SortedSet<string> _told = new(StringComparer.Ordinal);

    public override void Tick()
    {
        foreach (var server in World.Servers)
        {
            if (!server.Data.IsLoading && !server.Data.LacksLostKeys && server.Replication.History.DigestAt(server.Replication.Applied) is { } digest && digest != server.Data.Keys.Digest && _told.Add(server.Name))
            {
                Violated(server.Name, "holds keys that no master's history has at its offset", "its data came from two masters");
            }
        }
    }
}
