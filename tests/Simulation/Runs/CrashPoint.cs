using System.Globalization;

namespace Slotwise.Simulation.Runs;

/// <summary>
/// A write at which the operator's process ends. Its name says which step of the operator writes what, and is the same in all runs: so it can be told which
/// writes there are, and whether the operator died at each of them.
/// </summary>
/// <param name="Write">The name of the write.</param>
/// <param name="IsAfter">Whether the write has been carried out; else it is not.</param>
/// <param name="Occurrence">The how manieth of that name, from 1.</param>
public sealed record CrashPoint(string Write, bool IsAfter, int Occurrence)
{
    /// <summary>What all occurrences have in common.</summary>
    public string Name => $"{(IsAfter ? "after" : "before")} {Write}";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} #{Occurrence}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static CrashPoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var number = text.LastIndexOf(" #", StringComparison.Ordinal);
        return space > 0 && number > space && text[..space] is "before" or "after"
            ? new CrashPoint(text[(space + 1)..number], text[..space] == "after", int.Parse(text[(number + 2)..], CultureInfo.InvariantCulture))
            : throw new FormatException($"'{text}' is no crash point such as 'after Handover: CLUSTER FAILOVER #1'");
    }
}
