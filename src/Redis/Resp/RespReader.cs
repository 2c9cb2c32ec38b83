using System.Buffers;
using System.Runtime.CompilerServices;

namespace Slotwise.Redis;

/// <summary>
/// Takes RESP2 and RESP3 replies out of a stream of bytes that may be cut anywhere. It keeps what it has read of a reply, so nothing is scanned
/// twice and the caller's buffer stays small. One reader serves one connection, and is of no use after it has thrown.
/// </summary>
public sealed class RespReader(RespLimits? limits = null)
{
    const int FirstBlobAllocation = 64 << 10;
    const int FirstItemsAllocation = 64;

    static readonly byte[] OkBytes = "OK"u8.ToArray();
    static readonly int ItemSize = Unsafe.SizeOf<RespValue>();

    readonly RespLimits _limits = limits ?? RespLimits.Default;
    readonly Stack<Collection> _open = new();
    Blob? _blob;
    long _charged;

    /// <summary>Takes the next reply from the front of <paramref name="buffer"/>, which is moved past all that was understood.</summary>
    /// <returns>False when the reply goes on beyond the buffer: call again with what follows.</returns>
    /// <exception cref="RedisProtocolException">The bytes are no RESP, or a limit was exceeded.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out RespValue value)
    {
        while (true)
        {
            if (_blob is null)
            {
                if (!TryReadLine(ref buffer, out var line))
                {
                    value = default;
                    return false;
                }

                if (!TryStart(line, out value))
                {
                    continue;
                }
            }
            else if (!TryFillBlob(ref buffer, out value))
            {
                return false;
            }

            if (TryClose(ref value))
            {
                _charged = 0;
                return true;
            }
        }
    }

    bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySpan<byte> line)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out line, (byte)'\n'))
        {
            line = default;
            return buffer.Length <= _limits.MaxLineBytes
                ? false
                : throw new RedisProtocolException($"a line is longer than {_limits.MaxLineBytes} bytes");
        }

        if (line.Length < 2 || line[^1] != (byte)'\r')
        {
            throw new RedisProtocolException("a line is empty or does not end with CR LF");
        }

        if (line.Length > _limits.MaxLineBytes)
        {
            throw new RedisProtocolException($"a line is longer than {_limits.MaxLineBytes} bytes");
        }

        buffer = buffer.Slice(reader.Position);
        line = line[..^1];
        return true;
    }

    /// <summary>Begins the value that a line announces; true when the line is all of it.</summary>
    bool TryStart(ReadOnlySpan<byte> line, out RespValue value)
    {
        var text = line[1..];
        value = default;
        switch (line[0])
        {
            case (byte)'+':
                value = new RespValue(RespKind.SimpleString, text.SequenceEqual(OkBytes) ? OkBytes : Copy(text));
                return true;
            case (byte)'-':
                value = new RespValue(RespKind.Error, Copy(text));
                return true;
            case (byte)':':
                value = RespValue.Integer(ReadInteger(text));
                return true;
            case (byte)'_':
                return true;
            case (byte)',':
                value = RespNumber.TryParseDouble(text, out var number) ? RespValue.Double(number) : throw NoNumber(text);
                return true;
            case (byte)'#':
                value = text is [(byte)'t' or (byte)'f'] ? RespValue.Boolean(text[0] == (byte)'t') : throw NoNumber(text);
                return true;
            case (byte)'(':
                value = new RespValue(RespKind.BigNumber, Copy(text));
                return true;
            case (byte)'$':
                return StartBlob(RespKind.BulkString, text);
            case (byte)'!':
                return StartBlob(RespKind.Error, text);
            case (byte)'=':
                return StartBlob(RespKind.VerbatimString, text);
            case (byte)'*':
                return StartCollection(RespKind.Array, text, 1, out value);
            case (byte)'%':
                return StartCollection(RespKind.Map, text, 2, out value);
            case (byte)'~':
                return StartCollection(RespKind.Set, text, 1, out value);
            case (byte)'>':
                return StartCollection(RespKind.Push, text, 1, out value);
            case (byte)'|':
                return StartCollection(null, text, 2, out value);
            default:
                throw new RedisProtocolException($"a reply begins with byte 0x{line[0]:x2}, which no RESP type does");
        }
    }

    // a null bulk string has no bytes and no line end of its own
    bool StartBlob(RespKind kind, ReadOnlySpan<byte> text)
    {
        var length = ReadInteger(text);
        if (length == -1)
        {
            return true;
        }

        Charge(length, 1);
        _blob = new Blob(kind, new byte[Math.Min(length, FirstBlobAllocation)], (int)length);
        return false;
    }

    bool StartCollection(RespKind? kind, ReadOnlySpan<byte> text, int itemsEach, out RespValue value)
    {
        value = default;
        var count = ReadInteger(text);
        if (count == -1 && kind is not null)
        {
            return true;
        }

        Charge(count, ItemSize * itemsEach);
        if (count == 0)
        {
            // attributes without entries are as good as none
            value = kind is null ? default : new RespValue(kind.Value, Array.Empty<RespValue>());
            return kind is not null;
        }

        if (_open.Count == _limits.MaxDepth)
        {
            throw new RedisProtocolException($"collections are nested deeper than {_limits.MaxDepth}");
        }

        var total = (int)count * itemsEach;
        _open.Push(new Collection(kind, new RespValue[Math.Min(total, FirstItemsAllocation)], total));
        return false;
    }

    bool TryFillBlob(ref ReadOnlySequence<byte> buffer, out RespValue value)
    {
        value = default;
        var blob = _blob!;
        while (blob.Filled < blob.Length && !buffer.IsEmpty)
        {
            // grows with what has arrived, not with what was announced
            if (blob.Filled == blob.Bytes.Length)
            {
                Array.Resize(ref blob.Bytes, (int)Math.Min(blob.Length, blob.Bytes.Length * 2L));
            }

            var part = buffer.Slice(0, Math.Min(buffer.Length, blob.Bytes.Length - blob.Filled));
            part.CopyTo(blob.Bytes.AsSpan(blob.Filled));
            blob.Filled += (int)part.Length;
            buffer = buffer.Slice(part.End);
        }

        const int lineEnd = 2;
        if (blob.Filled < blob.Length || buffer.Length < lineEnd)
        {
            return false;
        }

        Span<byte> end = stackalloc byte[lineEnd];
        buffer.Slice(0, lineEnd).CopyTo(end);
        if (!end.SequenceEqual("\r\n"u8))
        {
            throw new RedisProtocolException("a text is longer than its length says");
        }

        if (blob.Kind == RespKind.VerbatimString && (blob.Length < 4 || blob.Bytes[3] != (byte)':'))
        {
            throw new RedisProtocolException("a verbatim string lacks its format");
        }

        buffer = buffer.Slice(lineEnd);
        value = new RespValue(blob.Kind, blob.Bytes);
        _blob = null;
        return true;
    }

    /// <summary>Puts a complete value into the collection it belongs to, and closes each collection that this completes.</summary>
    /// <returns>True when the value stands on its own: it is the reply.</returns>
    bool TryClose(ref RespValue value)
    {
        while (_open.TryPeek(out var collection))
        {
            if (collection.Count == collection.Items.Length)
            {
                Array.Resize(ref collection.Items, (int)Math.Min(collection.Total, collection.Items.Length * 2L));
            }

            collection.Items[collection.Count++] = value;
            if (collection.Count < collection.Total)
            {
                return false;
            }

            _open.Pop();
            if (collection.Kind is not { } kind)
            {
                // attributes say something about the value that follows; nobody here wants to know it
                return false;
            }

            value = new RespValue(kind, collection.Items);
        }

        return true;
    }

    byte[] Copy(ReadOnlySpan<byte> text)
    {
        Charge(text.Length, 1);
        return text.ToArray();
    }

    void Charge(long count, int each)
    {
        if (count < 0 || count > _limits.MaxReplyBytes)
        {
            throw new RedisProtocolException($"a length of {count} is not within 0 to {_limits.MaxReplyBytes}");
        }

        _charged += count * each;
        if (_charged > _limits.MaxReplyBytes)
        {
            throw new RedisProtocolException($"a reply takes more than {_limits.MaxReplyBytes} bytes");
        }
    }

    static long ReadInteger(ReadOnlySpan<byte> text) => RespNumber.TryParseInteger(text, out var number) ? number : throw NoNumber(text);

    static RedisProtocolException NoNumber(ReadOnlySpan<byte> text) => new($"a number or length has {text.Length} bytes that are none");

    sealed class Blob(RespKind kind, byte[] bytes, int length)
    {
        public readonly RespKind Kind = kind;
        public readonly int Length = length;
        public byte[] Bytes = bytes;
        public int Filled;
    }

    /// <summary>A collection whose items are still arriving; without a kind it is attributes.</summary>
    sealed class Collection(RespKind? kind, RespValue[] items, int total)
    {
        public readonly RespKind? Kind = kind;
        public readonly int Total = total;
        public RespValue[] Items = items;
        public int Count;
    }
}
