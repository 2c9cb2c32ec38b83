using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Scaling;

namespace Slotwise.EndToEnd.Walks;

/// <summary>
/// Random walks through the fields of the resource, valid and invalid ones, under load, on real servers: what the simulation does by the ten thousand, and
/// what of its laws can be seen from outside.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class SpecWalkTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    public static IEnumerable<TheoryDataRow<int>> Walks => Seeds.All.Select(seed => new TheoryDataRow<int>(seed));

    [Theory]
    [MemberData(nameof(Walks))]
    public async Task Whoever_changes_his_mind_all_the_time_gets_what_he_asked_for_last(int seed)
    {
        await using var run = new WalkRun(Kubernetes, Walk.Draw(seed));

        // The silence afterwards takes longer than the walk.
        await run.RunAsync(watchesSilence: seed == Seeds.First);
    }
}
