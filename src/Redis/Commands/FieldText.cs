using System.Text;

namespace Slotwise.Redis;

/// <summary>
/// The lines <c>name:value</c> of INFO and CLUSTER INFO, searched when asked: a reply of 6 KB of which a caller needs ten fields is not taken apart.
/// </summary>
readonly struct FieldText(ReadOnlyMemory<byte> text)
{
    public ReadOnlySpan<byte> Text => text.Span;

    /// <summary>The value of the field, or null if there is no such line.</summary>
    public string? Find(string name) => TryFind(name, out var value) ? Encoding.UTF8.GetString(value) : null;

    /// <summary>The value of the field as a number, or null if there is none.</summary>
    public long? FindNumber(string name) => TryFind(name, out var value) && RespNumber.TryParseInteger(value, out var number) ? number : null;

    /// <summary>True if the field is <c>1</c>.</summary>
    public bool IsSet(string name) => FindNumber(name) == 1;

    bool TryFind(string name, out ReadOnlySpan<byte> value)
    {
        Span<byte> start = stackalloc byte[name.Length + 1];
        Encoding.ASCII.GetBytes(name, start);
        start[^1] = (byte)':';
        var all = text.Span;
        for (var from = 0; ;)
        {
            var at = all[from..].IndexOf(start);
            if (at < 0)
            {
                value = default;
                return false;
            }

            at += from;
            from = at + start.Length;
            if (at == 0 || all[at - 1] == (byte)'\n')
            {
                var length = all[from..].IndexOf((byte)'\n');
                value = (length < 0 ? all[from..] : all.Slice(from, length)).TrimEnd((byte)'\r');
                return true;
            }
        }
    }
}
