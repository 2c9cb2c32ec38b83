using Slotwise.Scenarios.Suite;

namespace Slotwise.Scenarios.Catalogue;

/// <summary>Pods are replaced because somebody asked for something else; a change that cannot work does no harm.</summary>
static class RollScenarios
{
    const string BadImage = "redis:6.66";

    static readonly TimeSpan Rolls = TimeSpan.FromSeconds(180);
    static readonly TimeSpan Stalls = TimeSpan.FromSeconds(60);

    public static readonly IReadOnlyList<Scenario> List =
    [
        new("a restart is asked for", Promise.Unnoticed, RestartAsync) { Storage = [Storage.Memory, Storage.Volume] },
        new("redis 7.0 becomes redis 8.0", Promise.Unnoticed, UpgradeAsync) { Storage = [Storage.Memory, Storage.Volume] },
        new("a directive changes that the servers accept live", Promise.Unnoticed, run => ConfigureAsync(run, "maxmemory-samples", "7", restarts: false)),
        new("a directive changes that takes a restart", Promise.Unnoticed, run => ConfigureAsync(run, "tcp-backlog", "128", restarts: true)),
        new("an image that does not exist is asked for, and taken back", Promise.Unnoticed, BadImageAsync),
        new("a host is lost while an image that does not exist is asked for", Promise.OnlyUnreplicated, BadImageAndLostHostAsync),
    ];

    static async Task RestartAsync(ScenarioRun run)
    {
        var before = await run.MembersAsync();
        await run.Kubernetes.KubectlAsync("annotate", "rediscluster", run.Cluster.Name, "slotwise.dev/restart=now");
        await run.AssertAllReplacedAsync(before, Rolls);
    }

    static async Task UpgradeAsync(ScenarioRun run)
    {
        var before = await run.MembersAsync();
        await run.Cluster.ChangeAsync("\"image\": \"redis:8.0\"");
        await run.AssertAllReplacedAsync(before, Rolls);
        await ScenarioRun.EventuallyAsync("every server is of redis 8", Stalls, async () =>
        {
            foreach (var member in await run.MembersAsync())
            {
                var text = (await member.AskAsync("INFO", "server")).AsText() ?? "";
                if (!text.Contains("redis_version:8.", StringComparison.Ordinal))
                {
                    return $"{member}: {text}";
                }
            }

            return null;
        });
    }

    static async Task ConfigureAsync(ScenarioRun run, string directive, string value, bool restarts)
    {
        var before = await run.MembersAsync();
        await run.Cluster.ChangeAsync($"\"config\": {{\"{directive}\": {value}}}");
        if (restarts)
        {
            await run.AssertAllReplacedAsync(before, Rolls);
        }

        await ScenarioRun.EventuallyAsync($"every server has {directive} {value}", Stalls, async () =>
        {
            var members = await run.MembersAsync();
            foreach (var member in members)
            {
                if ((await member.AskAsync("CONFIG", "GET", directive)).Items[1].AsText() is var other && other != value)
                {
                    return $"{member} has {other}";
                }
            }

            return members.Count == run.Shape.Pods ? null : $"{members.Count} servers answer";
        });
        var replaced = (await run.MembersAsync()).Count(member => before.All(one => one.Uid != member.Uid));
        Assert.Equal(restarts ? before.Count : 0, replaced);
    }

    /// <summary>One pod at most is given up for it, and no master; going back undoes it.</summary>
    static async Task BadImageAsync(ScenarioRun run)
    {
        await AskForBadImageAsync(run);
        await run.Cluster.ChangeAsync($"\"image\": \"{run.Cluster.Image}\"");
    }

    static async Task BadImageAndLostHostAsync(ScenarioRun run)
    {
        await AskForBadImageAsync(run);
        var lost = (await run.MasterAsync(run.Shape.Shards - 1)).Host;
        await run.Faults.PowerOffAsync(lost, (await run.MembersAsync()).Where(member => member.IsMaster && member.Host == lost));
        await Task.Delay(TimeSpan.FromSeconds(15));
        await run.Faults.PowerOnAsync(lost);
        await run.Cluster.ChangeAsync($"\"image\": \"{run.Cluster.Image}\"");
    }

    static async Task AskForBadImageAsync(ScenarioRun run)
    {
        var before = await run.MembersAsync();
        await run.Cluster.ChangeAsync($"\"image\": \"{BadImage}\"");
        await ScenarioRun.EventuallyAsync("a condition names the image", Stalls, async () =>
        {
            var conditions = string.Join('\n', (await run.Cluster.ConditionsAsync()).Values);
            return conditions.Contains(BadImage, StringComparison.Ordinal) ? null : conditions;
        });
        var now = await run.MembersAsync();
        var gone = before.Where(member => now.All(one => one.Uid != member.Uid)).ToList();
        Assert.True(gone.Count <= 1 && now.Count(member => member.IsMaster) == run.Shape.Shards, $"gone: {string.Join(", ", gone)}; there: {string.Join(", ", now)}");
    }
}
