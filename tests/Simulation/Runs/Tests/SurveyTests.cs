namespace Slotwise.Simulation.Runs.Tests;

public sealed class SurveyTests
{
    /// <summary>As many as fit into the time of a test run; `make simulate` runs more, and crashes at every write.</summary>
    const int Seeds = 2000;

    [Fact]
    public void No_law_is_broken()
    {
        var survey = Survey.Of(first: 1, Seeds, enumeratesCrashes: false);

        Assert.True(survey.Failures.Count == 0, string.Join('\n', survey.Failures.OrderBy(failure => failure.Scenario.Seed).Take(3).Select(failure => FailureText.Write(failure, Shrinker.Shrink(failure)))));
        Assert.Equal(Seeds, survey.Runs);
    }

    [Fact]
    public void The_operator_dies_at_every_write_of_a_scenario()
    {
        var survey = Survey.Of([ScenarioText.Read("seed 5\ncluster 1 shards 1 replicas memory redis:7.0 5000ms\nclients 4 keys 300ms\n")]);

        Assert.Empty(survey.Missed);
        Assert.InRange(survey.Hit.Count, 30, 200);
        Assert.True(survey.Failures.Count == 0, string.Join('\n', survey.Failures.Take(3).Select(failure => FailureText.Write(failure, Shrinker.Shrink(failure)))));
    }
}
