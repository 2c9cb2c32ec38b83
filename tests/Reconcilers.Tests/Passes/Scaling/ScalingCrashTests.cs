using Slotwise.Reconcilers.Tests.World;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Passes.Scaling;

/// <summary>
/// Law 8: the operator may die before and after any write, to Kubernetes and to Redis. Of the thousands that open and move one slot after the other, the first,
/// the last and one in the middle of each kind are taken.
/// </summary>
public sealed class ScalingCrashTests
{
    const string Kubernetes = "Kubernetes";

    [Theory]
    [InlineData(3, 4)]
    [InlineData(4, 3)]
    public async Task A_crash_at_any_write_loses_nothing(int before, int after)
    {
        var writes = new List<(bool IsAfter, string Kind)>();
        await ScaleAsync(before, after, (isAfter, kind) => writes.Add((isAfter, kind)));
        var points = CrashPoints(writes);
        Assert.InRange(points.Count, 30, 100);

        foreach (var point in points)
        {
            var count = 0;
            var crashes = 0;
            await ScaleAsync(before, after, (_, _) =>
            {
                if (count++ == point)
                {
                    crashes++;
                    throw new OperatorCrashedException();
                }
            });
            Assert.Equal(1, crashes);
        }
    }

    /// <param name="before">Shards before.</param>
    /// <param name="after">Shards after.</param>
    /// <param name="onWrite">Called before every write, and after it.</param>
    static async Task ScaleAsync(int before, int after, Action<bool, string> onWrite)
    {
        var world = await Shapes.FilledAsync(before, 0);
        await world.ChangeAsync(spec => spec with { Shards = after });
        world.Api.BeforeWrite = () => onWrite(false, Kubernetes);
        world.Api.AfterWrite = () => onWrite(true, Kubernetes);
        world.Redis.BeforeWrite = command => onWrite(false, KindOf(command));
        world.Redis.AfterWrite = command => onWrite(true, KindOf(command));

        await world.SettleThroughCrashesAsync();

        Shapes.AssertShape(world, after, 0);
    }

    static List<int> CrashPoints(List<(bool IsAfter, string Kind)> writes)
    {
        const int Many = 12;
        var points = new SortedSet<int>();
        foreach (var kind in writes.Index().GroupBy(write => write.Item))
        {
            var places = kind.Select(write => write.Index).ToList();
            points.UnionWith(places.Count > Many && kind.Key.Kind != Kubernetes ? [places[0], places[places.Count / 2], places[^1]] : places);
        }

        return [.. points];
    }

    static string KindOf(RedisCommand command) => command.Name == "CLUSTER SETSLOT" ? $"{command.Name} {command.ArgumentText(3)}" : command.Name;
}
