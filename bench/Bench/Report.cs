using System.Globalization;

namespace Slotwise.Bench;

/// <summary>Figures beside those of a peer that were measured in the same run.</summary>
static class Report
{
    public static void Header() => Console.WriteLine("name | ours | peer | ratio");

    /// <summary>One line; the ratio says how many times the peer's figure is ours.</summary>
    public static void Line(string name, double ours, double peer, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} | {ours:0.###} {unit} | {peer:0.###} {unit} | {peer / ours:0.0}"));

    /// <summary>A figure for which the peer has no counterpart.</summary>
    public static void Alone(string name, double ours, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} | {ours:0.###} {unit} | - | -"));

    public static TimeSpan Median(List<TimeSpan> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
