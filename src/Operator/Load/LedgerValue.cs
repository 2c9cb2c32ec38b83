using System.Buffers.Text;
using System.Text;

namespace Slotwise.Operator.Load;

/// <summary>A value that says what it is: <c>PLACE|NUMBER|filler</c>, every byte of which follows from place, number and length.</summary>
static class LedgerValue
{
    /// <summary>The value number so-and-so of a place, at least <paramref name="size"/> bytes long.</summary>
    public static byte[] Build(string place, long number, int size)
    {
        var head = Encoding.UTF8.GetBytes($"{place}|{number}|");
        var value = new byte[Math.Max(size, head.Length)];
        head.CopyTo(value, 0);
        for (var i = head.Length; i < value.Length; i++)
        {
            value[i] = (byte)('a' + ((number + i) % 26));
        }

        return value;
    }

    /// <summary>The number of a value; false when it is not, to the last byte, a value of this place.</summary>
    public static bool TryRead(string place, ReadOnlySpan<byte> value, int size, out long number)
    {
        number = 0;
        var start = Encoding.UTF8.GetByteCount(place) + 1;
        return value.Length > start
            && Utf8Parser.TryParse(value[start..], out number, out _)
            && value.SequenceEqual(Build(place, number, size));
    }
}
