using System.Buffers.Text;

namespace Slotwise.Redis;

/// <summary>Numbers as RESP writes them.</summary>
static class RespNumber
{
    public static bool TryParseInteger(ReadOnlySpan<byte> text, out long number) =>
        Utf8Parser.TryParse(text, out number, out var used) && used == text.Length;

    // inf and nan are not the words that .NET reads
    public static bool TryParseDouble(ReadOnlySpan<byte> text, out double number)
    {
        if (text.SequenceEqual("inf"u8))
        {
            number = double.PositiveInfinity;
            return true;
        }

        if (text.SequenceEqual("-inf"u8))
        {
            number = double.NegativeInfinity;
            return true;
        }

        if (text.SequenceEqual("nan"u8) || text.SequenceEqual("-nan"u8))
        {
            number = double.NaN;
            return true;
        }

        return Utf8Parser.TryParse(text, out number, out var used) && used == text.Length;
    }
}
