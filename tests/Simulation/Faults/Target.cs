using System.Globalization;

namespace Slotwise.Simulation.Faults;

/// <summary>The pod that something happens to: of a shard the one in a place, or the one that has a role when it happens.</summary>
/// <param name="Shard">The index of the shard.</param>
/// <param name="Place">An ordinal, <c>m</c> for the master, or <c>r</c> for the lowest replica.</param>
public readonly record struct Target(int Shard, char Place)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Shard}{(char.IsAsciiDigit(Place) ? "-" : "")}{Place}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static Target Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length > 1 && int.TryParse(text[..^1].TrimEnd('-'), NumberStyles.None, CultureInfo.InvariantCulture, out var shard) && (char.IsAsciiDigit(text[^1]) || text[^1] is 'm' or 'r')
            ? new Target(shard, text[^1])
            : throw new FormatException($"'{text}' is no target such as 0-1, 0m or 0r");
    }
}
