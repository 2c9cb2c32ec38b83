using Slotwise.Scenarios.Suite;

namespace Slotwise.Scenarios.Catalogue;

/// <summary>Elections have memory: what follows a change of master too soon meets servers that do not know of it yet.</summary>
static class HandoverScenarios
{
    static readonly TimeSpan HandsOver = TimeSpan.FromSeconds(20);

    public static readonly IReadOnlyList<Scenario> List =
    [
        new("the new master's pod is deleted right after a handover", Promise.Unnoticed, async run => await run.Faults.DeleteAsync(await HandOverAsync(run))),
        new("the new master's process is killed right after a handover", Promise.OnlyUnreplicated, async run => await run.Faults.KillAsync(await HandOverAsync(run)))
        {
            Storage = [Storage.Memory, Storage.Volume],
        },
        new("a restart is asked for right after a handover", Promise.Unnoticed, async run =>
        {
            var before = await run.MembersAsync();
            await HandOverAsync(run);
            await run.Kubernetes.KubectlAsync("annotate", "rediscluster", run.Cluster.Name, "slotwise.dev/restart=now");
            await run.AssertAllReplacedAsync(before, TimeSpan.FromSeconds(180));
        }),
    ];

    /// <summary>A handover as an administrator asks for it, and the new master as soon as it says that it is one.</summary>
    static async Task<Member> HandOverAsync(ScenarioRun run)
    {
        var replica = await run.ReplicaAsync();
        await replica.AskAsync("CLUSTER", "FAILOVER");
        await ScenarioRun.EventuallyAsync($"{replica} is a master", HandsOver, async () =>
            (await replica.AskAsync("ROLE")).Items[0].AsText() is var role && role == "master" ? null : role);
        return replica with { IsMaster = true };
    }
}
