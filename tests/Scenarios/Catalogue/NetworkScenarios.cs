using Slotwise.Scenarios.Suite;

namespace Slotwise.Scenarios.Catalogue;

/// <summary>Servers live and do not hear each other; clients reach all of them, or not.</summary>
static class NetworkScenarios
{
    /// <summary>Beyond the time after which the other side may elect.</summary>
    static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);

    public static readonly IReadOnlyList<Scenario> List =
    [
        new("a master is cut off from the other pods", Promise.OnlyUnreplicated, run => CutAsync(run, isOfMachine: false, member => member.IsMaster && member.Shard == 0)),
        new("a master is cut off from everybody", Promise.OnlyUnreplicated, run => CutAsync(run, isOfMachine: true, member => member.IsMaster && member.Shard == 0)),
        new("a replica is cut off from everybody", Promise.Unnoticed, run => CutAsync(run, isOfMachine: true, member => !member.IsMaster && member.Shard == 0)),
        new("a minority is cut off: a master and the replica of another", Promise.OnlyUnreplicated, run => CutAsync(run, isOfMachine: false, IsOfMinority)) { Shapes = [Shape.Three] },
        new("a majority of masters is cut off from the rest", Promise.OnlyUnreplicated, run => CutAsync(run, isOfMachine: false, member => member.IsMaster && member.Shard < 2))
        {
            Shapes = Shape.Several,
        },
        new("a majority of masters is cut off from everybody", Promise.OnlyUnreplicated, run => CutAsync(run, isOfMachine: true, member => member.IsMaster && member.Shard < 2))
        {
            Shapes = Shape.Several,
        },
    ];

    static bool IsOfMinority(Member member) => member.Shard == (member.IsMaster ? 0 : 1);

    static async Task CutAsync(ScenarioRun run, bool isOfMachine, Func<Member, bool> isCutOff)
    {
        var members = await run.MembersAsync();
        await run.Faults.CutForAsync([.. members.Where(isCutOff)], [.. members.Where(member => !isCutOff(member))], isOfMachine, Duration);
    }
}
