using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Slotwise.Redis;

/// <summary>Sets of slots as text: <c>0-5460,5462</c>.</summary>
static class SlotSetText
{
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SlotSet? slots)
    {
        slots = null;
        var builder = new SlotSetBuilder();
        foreach (var part in text.SplitAny(',', ' '))
        {
            var range = text[part];
            if (range.IsEmpty)
            {
                continue;
            }

            var dash = range.IndexOf('-');
            var first = dash < 0 ? range : range[..dash];
            var last = dash < 0 ? range : range[(dash + 1)..];
            if (!TryParseSlot(first, out var from) || !TryParseSlot(last, out var to) || from > to)
            {
                return false;
            }

            builder.Add(from, to);
        }

        slots = builder.Build();
        return true;
    }

    public static string Print(SlotSet slots, char separator)
    {
        var text = new StringBuilder();
        foreach (var range in slots.Ranges)
        {
            if (text.Length > 0)
            {
                text.Append(separator);
            }

            text.Append(range.First);
            if (range.Last != range.First)
            {
                text.Append('-').Append(range.Last);
            }
        }

        return text.ToString();
    }

    static bool TryParseSlot(ReadOnlySpan<char> text, out int slot) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out slot) && slot < SlotSet.SlotCount;
}
