using Slotwise.Scenarios.Suite;

namespace Slotwise.Scenarios.Catalogue;

/// <summary>A server's process ends or stands still, and its pod stays.</summary>
static class ProcessScenarios
{
    static readonly TimeSpan ShorterThanTheTimeout = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    public static readonly IReadOnlyList<Scenario> List =
    [
        new("a master's process is killed", Promise.OnlyUnreplicated, async run => await run.Faults.KillAsync(await run.MasterAsync()))
        {
            Storage = [Storage.Memory, Storage.Volume],
            AlwaysIn = Shape.Three,
        },
        new("a replica's process is killed", Promise.Unnoticed, async run => await run.Faults.KillAsync(await run.ReplicaAsync()))
        {
            Storage = [Storage.Memory, Storage.Volume],
        },
        new("every master's process is killed at once", Promise.OnlyUnreplicated, async run => await run.Faults.KillAsync(await run.MastersAsync()))
        {
            Storage = [Storage.Memory, Storage.Volume],
            Shapes = Shape.Several,
        },
        new("every process is killed at once", Promise.NothingLost, async run => await run.Faults.KillAsync(await run.MembersAsync()))
        {
            Storage = [Storage.Volume],
        },
        new("a master stands still for 3 s", Promise.Unnoticed, async run => await run.Faults.StopForAsync(await run.MasterAsync(), ShorterThanTheTimeout)),
        new("a master stands still for 60 s", Promise.OnlyUnreplicated, async run => await run.Faults.StopForAsync(await run.MasterAsync(), Minute)),
        new("a replica stands still for 60 s", Promise.Unnoticed, async run => await run.Faults.StopForAsync(await run.ReplicaAsync(), Minute)),
    ];
}
