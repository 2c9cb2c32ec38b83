using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Slotwise.Redis;

/// <summary>The id of a Redis node: 40 hexadecimal digits, kept as 20 bytes. Ids compare as their texts do.</summary>
public readonly record struct NodeId : IComparable<NodeId>
{
    /// <summary>The number of hexadecimal digits of an id.</summary>
    public const int TextLength = 40;

    readonly ulong _high;
    readonly ulong _middle;
    readonly uint _low;

    NodeId(ReadOnlySpan<byte> bytes)
    {
        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _middle = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>The id made of the given 20 bytes.</summary>
    /// <exception cref="ArgumentException">There are not exactly 20 bytes.</exception>
    public static NodeId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == TextLength / 2
        ? new NodeId(bytes)
        : throw new ArgumentException($"A node id has {TextLength / 2} bytes, not {bytes.Length}.", nameof(bytes));

    /// <summary>Reads 40 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is no node id.</exception>
    public static NodeId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is no node id: it must be {TextLength} hexadecimal digits.");
    }

    /// <summary>Reads 40 hexadecimal digits; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out NodeId id)
    {
        Span<byte> utf8 = stackalloc byte[TextLength];
        if (text is null || text.Length != TextLength || !Encoding.UTF8.TryGetBytes(text, utf8, out _))
        {
            id = default;
            return false;
        }

        return TryParse(utf8, out id);
    }

    /// <summary>Reads 40 hexadecimal digits; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out NodeId id)
    {
        Span<byte> bytes = stackalloc byte[TextLength / 2];
        if (utf8.Length != TextLength || Convert.FromHexString(utf8, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            id = default;
            return false;
        }

        id = new NodeId(bytes);
        return true;
    }

    public int CompareTo(NodeId other)
    {
        var order = _high.CompareTo(other._high);
        order = order != 0 ? order : _middle.CompareTo(other._middle);
        return order != 0 ? order : _low.CompareTo(other._low);
    }

    public static bool operator <(NodeId left, NodeId right) => left.CompareTo(right) < 0;

    public static bool operator >(NodeId left, NodeId right) => left.CompareTo(right) > 0;

    public static bool operator <=(NodeId left, NodeId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(NodeId left, NodeId right) => left.CompareTo(right) >= 0;

    /// <summary>The 40 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[TextLength / 2];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _middle);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], _low);
        return Convert.ToHexStringLower(bytes);
    }
}
