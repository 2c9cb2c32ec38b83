using System.Globalization;

namespace Slotwise.Bench.Growth;

/// <summary>How a cost grows with one thing while all others stay the same.</summary>
/// <param name="Title">What is moved.</param>
/// <param name="Unit">What there is more and more of.</param>
/// <param name="Points">What was measured, in seconds.</param>
sealed record GrowthSeries(string Title, string Unit, List<GrowthPoint> Points)
{
    public void Add(int size, (double Ours, double Peer) seconds)
    {
        Points.Add(new GrowthPoint(size, seconds.Ours, seconds.Peer));
        Report.Line(string.Create(CultureInfo.InvariantCulture, $"{size:N0} {Unit} ({Title})"), seconds.Ours, seconds.Peer, "s");
    }
}

/// <summary>One size and what it cost, in seconds.</summary>
readonly record struct GrowthPoint(int Size, double Ours, double Peer);
