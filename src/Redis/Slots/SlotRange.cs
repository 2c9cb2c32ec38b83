using System.Globalization;

namespace Slotwise.Redis;

/// <summary>Consecutive hash slots, both ends included.</summary>
/// <param name="First">The lowest slot, 0 to 16383.</param>
/// <param name="Last">The highest slot, <paramref name="First"/> to 16383.</param>
public readonly record struct SlotRange(int First, int Last)
{
    /// <summary>How many slots the range holds.</summary>
    public int Count => Last - First + 1;

    /// <summary>The text Redis uses: <c>7</c> or <c>0-5460</c>.</summary>
    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}
