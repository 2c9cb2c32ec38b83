using Slotwise.Scenarios.Suite;

namespace Slotwise.Scenarios.Catalogue;

/// <summary>Pods are deleted, one or all.</summary>
static class PodScenarios
{
    const int Times = 3;

    public static readonly IReadOnlyList<Scenario> List =
    [
        new("a master's pod is deleted", Promise.Unnoticed, DeleteMasterAsync) { Storage = [Storage.Memory, Storage.Volume] },
        new("a master's pod is deleted without grace", Promise.OnlyUnreplicated, async run => await run.Faults.DeleteByForceAsync(await run.MasterAsync()))
        {
            Storage = [Storage.Memory, Storage.Volume],
        },
        new("a replica's pod is deleted", Promise.Unnoticed, async run => await run.Faults.DeleteAsync(await run.ReplicaAsync())),
        new("every master's pod is deleted at once", Promise.Unnoticed, async run => await run.Faults.DeleteAsync(await run.MastersAsync())) { Shapes = Shape.Several },
        new("every master's pod is deleted at once without grace", Promise.OnlyUnreplicated, async run => await run.Faults.DeleteByForceAsync(await run.MastersAsync()))
        {
            Shapes = Shape.Several,
            Storage = [Storage.Memory, Storage.Volume],
        },
        new("all pods are deleted at once, three times in a row", Promise.NothingLost, DeleteAllThreeTimesAsync) { Storage = [Storage.Volume] },
        new("all pods are deleted at once", Promise.NothingLost, DeleteAllAsync) { Storage = [Storage.Volume], AlwaysIn = Shape.One },
        new("all pods are deleted at once, and nothing was on disk", Promise.Serves, DeleteAllAsync),
        new("all pods are deleted at once and come back at the addresses of another cluster", Promise.NothingLost, SwapAddressesAsync) { Storage = [Storage.Volume] },
    ];

    static async Task DeleteMasterAsync(ScenarioRun run)
    {
        var master = await run.MasterAsync();
        await run.Faults.DeleteAsync(master);
        await run.AssertAllReplacedAsync([master], TimeSpan.FromSeconds(60));
    }

    static async Task DeleteAllAsync(ScenarioRun run)
    {
        var members = await run.MembersAsync();
        await run.Faults.DeleteAsync(members);
        await run.AssertAllReplacedAsync(members, TimeSpan.FromSeconds(60));
    }

    static async Task DeleteAllThreeTimesAsync(ScenarioRun run)
    {
        for (var time = 0; time < Times; time++)
        {
            await DeleteAllAsync(run);
            if (time < Times - 1)
            {
                await run.AssertHealsAsync(run.Cluster);
            }
        }
    }

    /// <summary>
    /// Each pod of either cluster comes back where one of the other was. Nobody writes meanwhile: an application that knows a server by its address alone would
    /// write to the other cluster.
    /// </summary>
    static async Task SwapAddressesAsync(ScenarioRun run)
    {
        var other = await run.FormAnotherAsync();
        await run.Ledger.PauseForGoodAsync();
        var ours = await run.MembersAsync();
        var theirs = await run.MembersAsync(other);
        foreach (var (mine, yours) in ours.Zip(theirs))
        {
            await run.Faults.NextAddressAsync(mine, yours.Address);
            await run.Faults.NextAddressAsync(yours, mine.Address);
        }

        await run.Faults.DeleteAsync([.. ours, .. theirs]);
        await run.AssertAllReplacedAsync(ours, TimeSpan.FromSeconds(60));
        await ScenarioRun.EventuallyAsync("the addresses are swapped", TimeSpan.FromSeconds(60), async () =>
        {
            var now = (await run.MembersAsync()).Select(member => member.Address).ToList();
            return now.Count == theirs.Count && now.All(address => theirs.Any(member => member.Address == address)) ? null : string.Join(", ", now);
        });
        await run.AssertHealsAsync(other);
        await run.AssertHealsAsync(run.Cluster);
        await run.Ledger.ReconnectAsync();
    }
}
