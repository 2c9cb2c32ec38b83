using Slotwise.Entities;
using Slotwise.Operator.Status;
using Slotwise.Testing;

namespace Slotwise.Operator.Tests.Status;

public sealed class MoveRateTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly FakeTimeProvider _time = new();

    [Fact]
    public void Nothing_moves_while_there_is_no_operation_with_slots()
    {
        var rate = new MoveRate(_time);

        Assert.Null(rate.Observe(null));
        Assert.Null(rate.Observe(new RedisClusterOperation { Kind = "Forming", StartTime = Start }));
    }

    [Fact]
    public void The_rate_is_that_of_the_last_seconds()
    {
        var rate = new MoveRate(_time);

        Assert.Equal(new MoveProgress(0, 6000, null, null), rate.Observe(Moving(6000)));
        Assert.Equal(new MoveProgress(500, 5500, null, null), After(rate, 0.5, 5500));
        Assert.Equal(new MoveProgress(1000, 5000, 500, TimeSpan.FromSeconds(10)), After(rate, 1.5, 5000));
        Assert.Equal(new MoveProgress(2000, 4000, 200, TimeSpan.FromSeconds(20)), After(rate, 8, 4000));

        // A minute later only what was seen in the last 15 seconds counts.
        After(rate, 46, 4000);
        Assert.Equal(new MoveProgress(2100, 3900, 10, TimeSpan.FromSeconds(390)), After(rate, 10, 3900));
    }

    [Fact]
    public void What_stands_still_has_no_time_left()
    {
        var rate = new MoveRate(_time);
        rate.Observe(Moving(100));

        Assert.Equal(new MoveProgress(0, 100, 0, null), After(rate, 5, 100));
    }

    [Fact]
    public void A_wish_that_changes_in_the_middle_begins_anew()
    {
        var rate = new MoveRate(_time);
        rate.Observe(Moving(100));
        After(rate, 5, 50);

        Assert.Equal(new MoveProgress(0, 200, null, null), After(rate, 1, 200));
    }

    MoveProgress? After(MoveRate rate, double seconds, int remaining)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return rate.Observe(Moving(remaining));
    }

    static RedisClusterOperation Moving(int remaining) => new() { Kind = "ScalingOut", SlotsRemaining = remaining, StartTime = Start };
}
