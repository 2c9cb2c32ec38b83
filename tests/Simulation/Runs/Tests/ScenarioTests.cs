using Slotwise.Simulation.Faults;

namespace Slotwise.Simulation.Runs.Tests;

public sealed class ScenarioTests
{
    [Fact]
    public void What_is_written_down_is_read_again_as_it_was()
    {
        for (ulong seed = 1; seed <= 500; seed++)
        {
            var scenario = ScenarioGenerator.Draw(seed) with
            {
                Crashes = [new CrashPoint("Handover: CLUSTER FAILOVER", IsAfter: seed % 2 == 0, Occurrence: (int)seed), new CrashPoint("Objects: create Service", IsAfter: true, Occurrence: 1)],
            };

            var read = ScenarioText.Read(ScenarioText.Write(scenario));

            Assert.Equal(ScenarioText.Write(scenario), ScenarioText.Write(read));
            Assert.Equal(scenario.Shape, read.Shape);
            Assert.Equal(scenario.Crashes, read.Crashes);
            Assert.Equal(scenario.Incidents.Select(incident => incident.What), read.Incidents.Select(incident => incident.What));
        }
    }

    [Fact]
    public void A_seed_draws_the_same_scenario_again_and_another_one_another()
    {
        Assert.Equal(ScenarioText.Write(ScenarioGenerator.Draw(7)), ScenarioText.Write(ScenarioGenerator.Draw(7)));
        Assert.NotEqual(ScenarioText.Write(ScenarioGenerator.Draw(7)), ScenarioText.Write(ScenarioGenerator.Draw(8)));
    }

    [Fact]
    public void Every_kind_of_incident_is_drawn()
    {
        var drawn = Enumerable.Range(1, 3000).SelectMany(seed => ScenarioGenerator.Draw((ulong)seed).Incidents).Select(incident => incident.What.Word).ToHashSet();

        var kinds = typeof(Incident).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Incident))).Select(type => (string)type.GetField("Kind")!.GetValue(null)!);
        Assert.Empty(kinds.Except(drawn));
    }

    [Theory]
    [InlineData("seed 1")]
    [InlineData("seed 1\ncluster 3 shards 1 replicas memory redis:7.0 5000ms\nclients 1 keys 100ms\nat 1 make-trouble")]
    [InlineData("seed 1\ncluster 3 shards 1 replicas memory redis:7.0 5000ms\nclients 1 keys 100ms\nsurprise")]
    public void A_line_that_is_none_is_refused(string text) => Assert.Throws<FormatException>(() => ScenarioText.Read(text));
}
