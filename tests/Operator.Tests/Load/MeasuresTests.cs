using FsCheck;
using FsCheck.Fluent;
using Slotwise.Operator.Load;
using Slotwise.Testing;

namespace Slotwise.Operator.Tests.Load;

public sealed class MeasuresTests
{
    [Fact]
    public void Percentiles_are_true_to_within_a_sixteenth() => Prop.ForAll<NonEmptyArray<NonNegativeInt>>(values =>
    {
        var histogram = new LatencyHistogram();
        foreach (var value in values.Get)
        {
            histogram.Add(TimeSpan.FromMicroseconds(value.Get));
        }

        var sorted = values.Get.Select(value => (double)value.Get).Order().ToArray();
        return new[] { 0.01, 0.5, 0.99, 1 }.All(fraction =>
        {
            var exact = sorted[(int)Math.Ceiling(sorted.Length * fraction) - 1];
            var measured = histogram.Percentile(fraction).TotalMicroseconds;
            return measured >= exact && measured <= (exact * 17 / 16) + 1;
        }) && histogram.Max.TotalMicroseconds == sorted[^1] && histogram.Count == sorted.Length;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_latency_has_no_percentile() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(0.99));

    [Fact]
    public void A_gap_lasts_from_the_first_that_waits_to_the_next_success()
    {
        var time = new FakeTimeProvider();
        var gaps = new ShardGaps(time);

        // nobody asks: no gap
        time.Advance(TimeSpan.FromSeconds(100));
        gaps.Begin("0");
        time.Advance(TimeSpan.FromSeconds(1));
        gaps.Begin("0");
        time.Advance(TimeSpan.FromSeconds(1));
        gaps.End("0", isAcknowledged: false);
        time.Advance(TimeSpan.FromSeconds(1));
        gaps.End("0", isAcknowledged: true);
        Assert.Equal(TimeSpan.FromSeconds(3), gaps.Longest["0"]);

        time.Advance(TimeSpan.FromSeconds(100));
        gaps.Begin("0");
        gaps.End("0", isAcknowledged: true);
        Assert.Equal(TimeSpan.FromSeconds(3), gaps.Longest["0"]);
    }

    [Fact]
    public void A_gap_that_goes_on_is_counted_until_now_unless_nobody_asks_any_more()
    {
        var time = new FakeTimeProvider();
        var gaps = new ShardGaps(time);
        gaps.Begin("0");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), gaps.Longest["0"]);
        gaps.End("0", isAcknowledged: false);
        time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(TimeSpan.FromSeconds(5), gaps.Longest["0"]);
    }

    [Fact]
    public async Task Time_that_the_servers_took_is_not_made_up_for_at_a_run()
    {
        var time = new FakeTimeProvider();
        var pace = new Pace(TimeSpan.FromMilliseconds(100), 0.5, time);
        var first = pace.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(first.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await first;
        time.Advance(TimeSpan.FromSeconds(10));
        await pace.WaitAsync(TestContext.Current.CancellationToken);
        var next = pace.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await next;
    }

    [Theory]
    [InlineData("key", 1, 10)]
    [InlineData("a|b", 12345, 1000)]
    [InlineData("{tag}:x/f1", long.MaxValue, 64)]
    public void A_value_tells_its_number_and_only_of_its_own_place(string place, long number, int size)
    {
        var value = LedgerValue.Build(place, number, size);
        Assert.True(LedgerValue.TryRead(place, value, size, out var read));
        Assert.Equal(number, read);
        Assert.False(LedgerValue.TryRead(place + "x", value, size, out _));
        Assert.False(LedgerValue.TryRead(place, value.AsSpan(0, value.Length - 1), size, out _));
    }
}
