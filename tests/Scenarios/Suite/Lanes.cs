[assembly: CollectionBehavior(MaxParallelThreads = Slotwise.Scenarios.Suite.Selection.Lanes)]

namespace Slotwise.Scenarios.Suite;

/// <summary>Cases that run one after the other, beside those of the other lanes.</summary>
public abstract class LaneTests(Lane lane)
{
    protected async Task RunAsync(string text)
    {
        await lane.StartAsync();
        await using var run = new ScenarioRun(lane, Selection.Find(text));
        await run.RunAsync();
    }
}

public sealed class FirstLane(Lane lane) : LaneTests(lane), IClassFixture<Lane>
{
    public static IEnumerable<TheoryDataRow<string>> Cases => Selection.CasesOf(0);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task It_heals(string what) => RunAsync(what);
}

public sealed class SecondLane(Lane lane) : LaneTests(lane), IClassFixture<Lane>
{
    public static IEnumerable<TheoryDataRow<string>> Cases => Selection.CasesOf(1);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task It_heals(string what) => RunAsync(what);
}

public sealed class ThirdLane(Lane lane) : LaneTests(lane), IClassFixture<Lane>
{
    public static IEnumerable<TheoryDataRow<string>> Cases => Selection.CasesOf(2);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task It_heals(string what) => RunAsync(what);
}

public sealed class FourthLane(Lane lane) : LaneTests(lane), IClassFixture<Lane>
{
    public static IEnumerable<TheoryDataRow<string>> Cases => Selection.CasesOf(3);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task It_heals(string what) => RunAsync(what);
}
