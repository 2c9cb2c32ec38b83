using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Rolling;

/// <summary>Law 8: the operator may die at any write, and the user may change his mind at any moment.</summary>
public sealed class RollingCrashTests
{
    public static TheoryData<int> EveryRound => [.. Enumerable.Range(0, 26)];

    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(1, 1, true)]
    public async Task A_crash_at_any_write_loses_nothing(int shards, int replicas, bool hasVolumes)
    {
        for (var write = 1; ; write++)
        {
            var ended = 0;
            foreach (var isAfter in (bool[])[false, true])
            {
                var world = await Rolls.FilledAsync(shards, replicas, hasVolumes);
                RollOracle.Watch(world);
                await Rolls.SetImageAsync(world, Rolls.New);
                var crashes = Crashes.At(world, write, isAfter);

                await world.SettleThroughCrashesAsync(Rolls.Rounds);

                Rolls.AssertRolled(world, shards, replicas, Rolls.New);
                ended += crashes();
            }

            if (ended == 0)
            {
                Assert.InRange(write, 10, 200);
                return;
            }
        }
    }

    [Theory]
    [MemberData(nameof(EveryRound))]
    public async Task A_new_image_is_taken_back(int after)
    {
        var world = await Rolls.FilledAsync(2, 1);
        RollOracle.Watch(world);
        await Rolls.SetImageAsync(world, Rolls.New);
        await Rolls.RunAsync(world, after);

        await Rolls.SetImageAsync(world, Rolls.Old);
        await world.SettleAsync(Rolls.Rounds);

        Rolls.AssertRolled(world, 2, 1, Rolls.Old);
    }

    [Theory]
    [MemberData(nameof(EveryRound))]
    public async Task A_bad_image_after_a_good_one_is_taken_back_at_any_moment(int after)
    {
        var world = await Rolls.FilledAsync(2, 1);
        RollOracle.Watch(world);
        await Rolls.SetImageAsync(world, Rolls.New);
        await Rolls.RunAsync(world, after);
        await Rolls.SetImageAsync(world, Rolls.Missing);
        await Rolls.RunAsync(world, 20);
        world.Ledger.AssertServed();

        await Rolls.SetImageAsync(world, Rolls.New);
        await world.SettleAsync(Rolls.Rounds);

        Rolls.AssertRolled(world, 2, 1, Rolls.New);
    }
}
