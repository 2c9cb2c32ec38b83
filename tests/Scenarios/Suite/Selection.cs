using Slotwise.Scenarios.Catalogue;

namespace Slotwise.Scenarios.Suite;

/// <summary>Which cases run, and in which lane.</summary>
static class Selection
{
    /// <summary>How many cases run at a time, each on a LocalKubernetes of its own.</summary>
    public const int Lanes = 4;

    static readonly IReadOnlyList<ScenarioCase> Chosen = Choose();

    /// <summary>The cases of a lane, as a theory takes them.</summary>
    public static IEnumerable<TheoryDataRow<string>> CasesOf(int lane) =>
        Chosen.Where((_, index) => index % Lanes == lane).Select(one => new TheoryDataRow<string>(one.ToString()))
            .DefaultIfEmpty(new TheoryDataRow<string>("") { Skip = "fewer cases than lanes were chosen" });

    public static ScenarioCase Find(string text) => Chosen.Single(one => one.ToString() == text);

    /// <summary>
    /// Without SLOTWISE_SCENARIOS=all, which <c>make scenarios</c> sets, a few that stand for all; SCENARIO, SHAPE and OPERATOR leave those whose name, shape
    /// or operator has that text.
    /// </summary>
    static List<ScenarioCase> Choose()
    {
        var all = Environment.GetEnvironmentVariable("SLOTWISE_SCENARIOS") == "all";
        return [.. AllScenarios.List.SelectMany(scenario => all ? All(scenario) : Few(scenario))
            .Where(one => Has("SCENARIO", one.Scenario.Name) && Has("SHAPE", $"{one.Shape}, {one.StorageText}") && Has("OPERATOR", one.OperatorText))];
    }

    static IEnumerable<ScenarioCase> All(Scenario scenario) =>
        from shape in scenario.Shapes
        from steady in scenario.Storage.Select(storage => new ScenarioCase(scenario, shape, storage, IsOperatorKilled: false))
            .Append(new ScenarioCase(scenario, shape, scenario.Storage[0], IsOperatorKilled: true))
        select steady;

    static IEnumerable<ScenarioCase> Few(Scenario scenario) =>
        scenario.AlwaysIn is { } shape ? [new ScenarioCase(scenario, shape, scenario.Storage[^1], IsOperatorKilled: shape == Shape.Two)] : [];

    static bool Has(string filter, string text) =>
        text.Contains(Environment.GetEnvironmentVariable(filter) ?? "", StringComparison.OrdinalIgnoreCase);
}
