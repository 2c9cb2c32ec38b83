using System.Diagnostics;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Testing;

namespace Slotwise.Simulation.Differential;

/// <summary>The model is true: simulated and real servers answer the same to the same commands and faults, and get to the same places.</summary>
public sealed class WalkTests(WalkTests.Walks walks) : IClassFixture<WalkTests.Walks>
{
    const int Steps = 7;

    /// <summary>What a machine with too much to do may need to get where the simulated servers settled.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>How long elections remember: four times the node time-out, or 4 s.</summary>
    static readonly TimeSpan ElectionMemory = TimeSpan.FromSeconds(4.5);

    [Fact]
    public Task Redis_7_0_walks_where_the_model_walks() => walks.Redis70;

    [Fact]
    public Task Redis_8_0_walks_where_the_model_walks() => walks.Redis80;

    [Fact]
    public Task Valkey_8_1_walks_where_the_model_walks() => walks.Valkey81;

    [Fact]
    public Task Valkey_9_walks_where_the_model_walks() => walks.Valkey9;

    static async Task CompareAsync(ServerProfile profile, string version, int seeds)
    {
        var program = RealSubject.FindOrSkip(profile.Product, version);
        await Task.WhenAll(Enumerable.Range(1, seeds).Select(seed => CompareAsync((ulong)seed, profile, program, Steps)));
    }

    internal static async Task CompareAsync(ulong seed, ServerProfile profile, ServerProgram program, int steps)
    {
        var walk = Walk.Take(seed, profile, steps);
        await using var subject = await RealSubject.StartAsync(program, 6, Walk.Directives);
        var sinceElection = Stopwatch.StartNew();
        var done = "";
        foreach (var leg in walk.Legs)
        {
            done += string.Join("", leg.Steps.Select(step => $"{step}\n"));
            for (var index = 0; index < leg.Steps.Count; index++)
            {
                var step = leg.Steps[index];
                if (step.MayElect && sinceElection.Elapsed < ElectionMemory)
                {
                    await Task.Delay(ElectionMemory - sinceElection.Elapsed);
                }

                var answer = await step.DoAsync(subject);
                if (step.MayElect)
                {
                    sinceElection.Restart();
                }

                Assert.True(leg.Answers[index] == answer, $"seed {seed}\n{done}\n{step}\nmodel: {leg.Answers[index]}\nreal: {answer}");
            }

            var picture = await Picture.TakeAsync(subject, walk.Slots);
            for (var waited = Stopwatch.StartNew(); picture != leg.After && waited.Elapsed < Patience;)
            {
                await Task.Delay(200);
                picture = await Picture.TakeAsync(subject, walk.Slots);
            }

            Assert.True(leg.After == picture, $"seed {seed}\n{done}\n---- model\n{leg.After.Text}\n---- real\n{picture.Text}");
        }
    }

    /// <summary>All walks side by side: they mostly wait.</summary>
    public sealed class Walks
    {
        public Task Redis70 { get; } = CompareAsync(ServerProfile.Redis70, "7.0", seeds: 4);

        public Task Redis80 { get; } = CompareAsync(ServerProfile.Redis80, "8.0", seeds: 2);

        public Task Valkey81 { get; } = CompareAsync(ServerProfile.Valkey81, "8.1", seeds: 2);

        public Task Valkey9 { get; } = CompareAsync(ServerProfile.Valkey9, "9", seeds: 2);
    }
}
