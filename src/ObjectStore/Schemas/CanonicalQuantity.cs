using System.Globalization;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>
/// Quantities in the form in which Kubernetes writes them: no fraction, and the largest suffix that loses nothing. See
/// <c>k8s.io/apimachinery/pkg/api/resource</c>.
/// </summary>
public static class CanonicalQuantity
{
    static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    /// <summary>Null when the text is no quantity, or one in exponent form, which keeps it.</summary>
    public static string? Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!Quantity.TryParse(text, out var quantity) || text.AsSpan(0, Math.Max(0, text.Length - 1)).ContainsAny('e', 'E'))
        {
            return null;
        }

        var amount = quantity.Amount;
        // A binary amount that is small or has a fraction is written in decimal, to lose nothing.
        return text.EndsWith('i') && Math.Abs(amount) >= 1024 && decimal.Truncate(amount) == amount
            ? Write(amount, 1024, Binary, 0)
            : Write(decimal.Ceiling(amount * 1_000_000_000m), 1000, Decimal, 0);
    }

    static string Write(decimal amount, decimal factor, string[] suffixes, int at)
    {
        if (amount == 0)
        {
            return "0";
        }

        while (at + 1 < suffixes.Length && amount % factor == 0)
        {
            amount /= factor;
            at++;
        }

        return decimal.Truncate(amount).ToString(CultureInfo.InvariantCulture) + suffixes[at];
    }
}
