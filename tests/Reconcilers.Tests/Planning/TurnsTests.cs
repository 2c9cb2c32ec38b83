using Slotwise.Reconcilers.Planning;

namespace Slotwise.Reconcilers.Tests.Planning;

public sealed class TurnsTests
{
    /// <summary>Passes may follow each other at any distance; so with 200 ms between them, two would never change places by a clock of 100 ms alone.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(1000)]
    [InlineData(6000)]
    [InlineData(60_000)]
    public void Everybody_comes_first_before_long(int distance)
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var count = 1; count <= 6; count++)
        {
            var all = Enumerable.Range(0, count).ToList();

            var turns = Enumerable.Range(0, count * 10).Select(pass => Turns.Order(start.AddMilliseconds((double)distance * pass), all).ToList()).ToList();

            Assert.All(turns, turn => Assert.Equal(all, turn.Order()));
            Assert.Equal(all, turns.Select(turn => turn[0]).Distinct().Order());
        }
    }

    [Fact]
    public void Nobody_is_no_trouble() => Assert.Empty(Turns.Order<int>(DateTimeOffset.UnixEpoch, []));
}
