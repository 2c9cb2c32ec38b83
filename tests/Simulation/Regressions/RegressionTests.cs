using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Regressions;

/// <summary>Scenarios that broke a law once. The first lines of each file say what was wrong.</summary>
public sealed class RegressionTests
{
    public static TheoryData<string> Cases() => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Regressions"), "*.txt").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_broke_once_holds(string name)
    {
        var scenario = ScenarioText.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Regressions", name + ".txt")));

        var result = SimulatedRun.Of(scenario);

        Assert.True(result.Violation is null, result.Violation is null ? "" : FailureText.Write(result, Shrinker.Shrink(result)));
    }
}
