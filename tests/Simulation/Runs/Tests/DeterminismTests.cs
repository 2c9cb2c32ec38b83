using System.Diagnostics;

namespace Slotwise.Simulation.Runs.Tests;

public sealed class DeterminismTests
{
    const string Seed = "10";

    [Fact]
    public async Task A_seed_takes_the_same_course_in_two_processes()
    {
        var digests = await Task.WhenAll(DigestAsync(Seed), DigestAsync(Seed));

        Assert.Equal(16, digests[0].Length);
        Assert.Equal(digests[0], digests[1]);
        Assert.NotEqual(digests[0], SimulatedRun.Of(ScenarioGenerator.Draw(11)).Digest);
        Assert.Equal(digests[0], SimulatedRun.Of(ScenarioGenerator.Draw(10)).Digest);
    }

    static async Task<string> DigestAsync(string seed)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Slotwise.Simulation"), ["simulate", "--seed", seed, "--digest"])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
