using Slotwise.Entities;
using Slotwise.Simulation.Runs;

namespace Slotwise.EndToEnd.Walks;

/// <summary>A change of the resource.</summary>
/// <param name="Pause">How long the user waits before it.</param>
/// <param name="Patch">A merge patch; the API server may refuse it.</param>
/// <param name="TakenBackAfter">How long he takes to change his mind, mostly before all of it is done; null where he does not.</param>
sealed record WalkStep(TimeSpan Pause, string Patch, TimeSpan? TakenBackAfter);

/// <summary>What a user does to a cluster, and what its operator suffers: everything that a seed decides.</summary>
sealed record Walk
{
    /// <summary>What its pods run, before and after.</summary>
    public const string Image = "redis:7.0";

    const int LongestPauseMilliseconds = 8000;

    public required int Seed { get; init; }

    /// <summary>The shards that it begins with, each with a replica.</summary>
    public required int Shards { get; init; }

    public required bool HasVolumes { get; init; }

    public required IReadOnlyList<WalkStep> Steps { get; init; }

    /// <summary>When the operator's process is killed, from the first pause on.</summary>
    public required TimeSpan KillAt { get; init; }

    /// <summary>How long there is no operator then.</summary>
    public required TimeSpan DownFor { get; init; }

    /// <summary>The shards that are asked for last, each with a replica.</summary>
    public required int LastShards { get; init; }

    /// <summary>The last change, which takes back all that keeps a cluster from being whole.</summary>
    public string LastPatch => $$"""{"spec":{"shards":{{LastShards}},"replicasPerShard":1,"image":"{{Image}}","paused":false,"rebalance":null} }""";

    public static Walk Draw(int seed)
    {
        var random = new Random(seed);
        var shards = random.Next(2, 4);
        var hasVolumes = random.Next(2) == 0;
        var patches = Enumerable.Range(0, random.Next(4, 7)).Select(_ => SpecWalk.Draw(random, shards, hasVolumes)).ToList();
        patches.Insert(random.Next(patches.Count + 1), $$"""{"metadata":{"annotations":{"{{RedisClusterAnnotations.Restart}}":"walk {{seed}}"} } }""");
        var steps = patches.Select(patch => new WalkStep(Milliseconds(random), patch, random.Next(3) == 0 ? Milliseconds(random) : null)).ToList();

        // A pause that nobody ends would only put off all that comes after it.
        steps.Insert(random.Next(steps.Count + 1), new WalkStep(Milliseconds(random), """{"spec":{"paused":true}}""", Milliseconds(random)));
        return new Walk
        {
            Seed = seed,
            Shards = shards,
            HasVolumes = hasVolumes,
            Steps = steps,
            KillAt = random.NextDouble() * TimeSpan.FromMilliseconds(steps.Sum(step => step.Pause.TotalMilliseconds + (step.TakenBackAfter?.TotalMilliseconds ?? 0))),
            DownFor = Milliseconds(random) / 2,
            LastShards = random.Next(2, 4),
        };
    }

    static TimeSpan Milliseconds(Random random) => TimeSpan.FromMilliseconds(random.Next(LongestPauseMilliseconds));
}
