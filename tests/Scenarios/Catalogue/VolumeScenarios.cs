using Slotwise.Scenarios.Suite;

namespace Slotwise.Scenarios.Catalogue;

/// <summary>A volume fills up. A server that cannot write its nodes.conf would end at the next change of a master anywhere.</summary>
static class VolumeScenarios
{
    static readonly TimeSpan Full = TimeSpan.FromSeconds(8);

    public static readonly IReadOnlyList<Scenario> List =
    [
        new("a master's volume is full and another shard fails over", Promise.OnlyUnreplicated, FillAndFailOverAsync) { Shapes = Shape.Several, Storage = [Storage.SmallVolume] },
        new("a master's volume is full for a while", Promise.NothingLost, FillAsync) { Storage = [Storage.SmallVolume] },
    ];

    static async Task FillAndFailOverAsync(ScenarioRun run)
    {
        var full = await FillVolumeAsync(run);
        await run.Faults.KillAsync(await run.MasterAsync(1));
        await Task.Delay(Full);
        Assert.Contains(await run.MembersAsync(), member => member.Uid == full.Uid);
        await EmptyAsync(run, full);
    }

    static async Task FillAsync(ScenarioRun run)
    {
        var full = await FillVolumeAsync(run);
        await Task.Delay(Full);
        await EmptyAsync(run, full);
    }

    static async Task<Member> FillVolumeAsync(ScenarioRun run)
    {
        var master = await run.MasterAsync();

        // as much as there is: dd ends with an error when nothing is left
        var result = await run.Kubernetes.TryKubectlAsync("", "exec", master.Pod, "-c", "redis", "--", "sh", "-c", "dd if=/dev/zero of=/data/ballast bs=64k 2>&1; df /data");
        Assert.Contains("No space left", result.Output + result.Errors, StringComparison.Ordinal);
        return master;
    }

    static async Task EmptyAsync(ScenarioRun run, Member full) => await run.Kubernetes.KubectlAsync("exec", full.Pod, "-c", "redis", "--", "rm", "/data/ballast");
}
