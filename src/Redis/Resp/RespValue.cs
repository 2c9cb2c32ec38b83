using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Slotwise.Redis;

/// <summary>
/// One reply of a server, immutable. The accessors forgive the differences between RESP2 and RESP3: a number may arrive as text, a map as a flat
/// array, a text as a simple, bulk or verbatim string.
/// </summary>
public readonly struct RespValue : IEquatable<RespValue>
{
    const int VerbatimPrefixLength = 4;

    /// <summary>The null reply; also <c>default</c>.</summary>
    public static readonly RespValue Null;

    /// <summary>The reply <c>+OK</c>.</summary>
    public static readonly RespValue Ok = SimpleString("OK");

    /// <summary>The reply <c>+PONG</c>.</summary>
    public static readonly RespValue Pong = SimpleString("PONG");

    // the bytes, or the items, or nothing; the number carries integers, booleans, and the bits of doubles
    readonly object? _content;
    readonly long _number;

    internal RespValue(RespKind kind, byte[] bytes)
    {
        Kind = kind;
        _content = bytes;
    }

    internal RespValue(RespKind kind, RespValue[] items)
    {
        Kind = kind;
        _content = items;
    }

    internal RespValue(RespKind kind, long number)
    {
        Kind = kind;
        _number = number;
    }

    public RespKind Kind { get; }

    public bool IsNull => Kind == RespKind.Null;

    public bool IsError => Kind == RespKind.Error;

    /// <summary>The first word of an error (<c>ERR</c>, <c>MOVED</c>, <c>NOAUTH</c>, ...); empty for any other reply.</summary>
    public string ErrorCode
    {
        get
        {
            if (!IsError)
            {
                return "";
            }

            var text = Bytes;
            var blank = text.IndexOf((byte)' ');
            return Encoding.UTF8.GetString(blank < 0 ? text : text[..blank]);
        }
    }

    /// <summary>The whole text of an error, its code included; empty for any other reply.</summary>
    public string ErrorText => IsError ? Encoding.UTF8.GetString(Bytes) : "";

    /// <summary>The items of an array, set, push or map (keys and values in turn); empty for any other reply.</summary>
    public ReadOnlySpan<RespValue> Items => _content as RespValue[];

    /// <summary>The bytes of a text, a big number or an error; empty for any other reply.</summary>
    public ReadOnlySpan<byte> Bytes => AsMemory().Span;

    /// <summary>An array; its items are not copied.</summary>
    public static RespValue Array(params RespValue[] items) => new(RespKind.Array, items);

    /// <summary>A map of keys and values in turn.</summary>
    /// <exception cref="ArgumentException">A key has no value.</exception>
    public static RespValue Map(params RespValue[] keysAndValues)
    {
        ArgumentNullException.ThrowIfNull(keysAndValues);
        return int.IsEvenInteger(keysAndValues.Length)
            ? new(RespKind.Map, keysAndValues)
            : throw new ArgumentException("The last key has no value.", nameof(keysAndValues));
    }

    public static RespValue Set(params RespValue[] items) => new(RespKind.Set, items);

    public static RespValue Push(params RespValue[] items) => new(RespKind.Push, items);

    /// <summary>A bulk string.</summary>
    public static RespValue Text(string text) => new(RespKind.BulkString, Encoding.UTF8.GetBytes(text));

    /// <summary>A bulk string; the bytes are not copied.</summary>
    public static RespValue Blob(byte[] bytes) => new(RespKind.BulkString, bytes);

    /// <summary>A simple string: one line.</summary>
    public static RespValue SimpleString(string line) => new(RespKind.SimpleString, Encoding.UTF8.GetBytes(line));

    /// <summary>An error such as <c>ERR Unknown node 0123</c>.</summary>
    public static RespValue Error(string line) => new(RespKind.Error, Encoding.UTF8.GetBytes(line));

    public static RespValue Integer(long number) => new(RespKind.Integer, number);

    public static RespValue Double(double number) => new(RespKind.Double, BitConverter.DoubleToInt64Bits(number));

    public static RespValue Boolean(bool value) => new(RespKind.Boolean, value ? 1 : 0);

    public static RespValue BigNumber(BigInteger number) =>
        new(RespKind.BigNumber, Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A text with a three-letter format such as <c>txt</c>.</summary>
    public static RespValue Verbatim(string format, string text)
    {
        ArgumentNullException.ThrowIfNull(format);
        return format.Length == VerbatimPrefixLength - 1 && Ascii.IsValid(format)
            ? new(RespKind.VerbatimString, Encoding.UTF8.GetBytes(format + ":" + text))
            : throw new ArgumentException($"'{format}' is no format of three letters.", nameof(format));
    }

    /// <summary>The bytes of a text, a big number or an error, without a copy; empty for any other reply.</summary>
    public ReadOnlyMemory<byte> AsMemory() => _content is byte[] bytes
        ? bytes.AsMemory(Kind == RespKind.VerbatimString ? VerbatimPrefixLength : 0)
        : default;

    /// <summary>The reply as text: what redis-cli would show for a text or a number; null for null and for collections.</summary>
    public string? AsText() => Kind switch
    {
        RespKind.Integer => _number.ToString(CultureInfo.InvariantCulture),
        RespKind.Double => AsDouble().ToString(CultureInfo.InvariantCulture),
        RespKind.Boolean => _number != 0 ? "true" : "false",
        _ => _content is byte[]? Encoding.UTF8.GetString(Bytes) : null,
    };

    /// <summary>The reply as a number: an integer, a boolean, or a text that is an integer.</summary>
    public bool TryGetInteger(out long number)
    {
        number = _number;
        return Kind switch
        {
            RespKind.Integer or RespKind.Boolean => true,
            RespKind.SimpleString or RespKind.BulkString or RespKind.BigNumber or RespKind.VerbatimString =>
                Utf8Parser.TryParse(Bytes, out number, out var used) && used == Bytes.Length,
            _ => false,
        };
    }

    /// <summary>The number of a double; NaN for any reply that is no number.</summary>
    public double AsDouble() => Kind switch
    {
        RespKind.Double => BitConverter.Int64BitsToDouble(_number),
        RespKind.Integer => _number,
        _ => RespNumber.TryParseDouble(Bytes, out var number) ? number : double.NaN,
    };

    /// <summary>The value under a text key of a map, or of a flat array of keys and values.</summary>
    public bool TryGetEntry(string key, out RespValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        var items = Items;
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            if (items[i].TextEquals(key))
            {
                value = items[i + 1];
                return true;
            }
        }

        value = Null;
        return false;
    }

    /// <summary>True when the reply is a text equal to the given one.</summary>
    public bool TextEquals(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_content is not byte[])
        {
            return false;
        }

        Span<byte> utf8 = text.Length <= 128 ? stackalloc byte[text.Length * 3] : new byte[text.Length * 3];
        return Bytes.SequenceEqual(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    /// <summary>Returns the reply itself unless it is an error.</summary>
    /// <exception cref="RedisServerException">The server refused.</exception>
    public RespValue ThrowIfError() => IsError ? throw new RedisServerException(ErrorText) : this;

    public bool Equals(RespValue other)
    {
        if (Kind != other.Kind || _number != other._number)
        {
            return false;
        }

        return _content switch
        {
            byte[] bytes => other._content is byte[] theirs && bytes.AsSpan().SequenceEqual(theirs),
            RespValue[] items => other._content is RespValue[] theirs && items.AsSpan().SequenceEqual(theirs),
            _ => other._content is null,
        };
    }

    public override bool Equals(object? obj) => obj is RespValue other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Kind);
        hash.Add(_number);
        hash.AddBytes(_content as byte[]);
        foreach (var item in Items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    public static bool operator ==(RespValue left, RespValue right) => left.Equals(right);

    public static bool operator !=(RespValue left, RespValue right) => !left.Equals(right);

    /// <summary>For people, in the manner of redis-cli.</summary>
    public override string ToString() => Kind switch
    {
        RespKind.Null => "(nil)",
        RespKind.Error => "(error) " + ErrorText,
        RespKind.Array or RespKind.Map or RespKind.Set or RespKind.Push => "[" + string.Join(", ", Items.ToArray()) + "]",
        _ => AsText() ?? "",
    };

    /// <summary>The bytes as they stand on the wire: for a verbatim string with its format.</summary>
    internal ReadOnlySpan<byte> WireBytes => _content as byte[];
}
