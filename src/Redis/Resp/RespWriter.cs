using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Slotwise.Redis;

/// <summary>Writes commands, and replies for whoever plays the server.</summary>
public static class RespWriter
{
    const int LongestLengthLine = 23;

    /// <summary>Writes a command as an array of bulk strings.</summary>
    public static void WriteCommand(IBufferWriter<byte> output, RedisCommand command)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(command);
        WriteLength(output, '*', command.Arguments.Length);
        foreach (var argument in command.Arguments)
        {
            WriteBlob(output, '$', argument.Span);
        }
    }

    /// <summary>An upper bound of the bytes that <see cref="WriteCommand"/> will write.</summary>
    public static int MaxLength(RedisCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var length = LongestLengthLine;
        foreach (var argument in command.Arguments)
        {
            length += LongestLengthLine + argument.Length + 2;
        }

        return length;
    }

    /// <summary>Writes a reply.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="value">The reply.</param>
    /// <param name="protocol">2 or 3; for 2 the types of RESP3 become the nearest of RESP2, as Redis itself does it.</param>
    public static void WriteReply(IBufferWriter<byte> output, RespValue value, int protocol)
    {
        ArgumentNullException.ThrowIfNull(output);
        switch (value.Kind)
        {
            case RespKind.Null:
                output.Write(protocol == 2 ? "$-1\r\n"u8 : "_\r\n"u8);
                break;
            case RespKind.SimpleString:
                WriteLine(output, '+', value.Bytes);
                break;
            case RespKind.Error when protocol == 2 || !value.Bytes.ContainsAny((byte)'\r', (byte)'\n'):
                WriteLine(output, '-', value.Bytes);
                break;
            case RespKind.Error:
                WriteBlob(output, '!', value.Bytes);
                break;
            case RespKind.Integer:
                value.TryGetInteger(out var number);
                WriteLength(output, ':', number);
                break;
            case RespKind.BulkString:
                WriteBlob(output, '$', value.Bytes);
                break;
            case RespKind.VerbatimString:
                WriteBlob(output, protocol == 2 ? '$' : '=', protocol == 2 ? value.Bytes : value.WireBytes);
                break;
            case RespKind.Double when protocol == 2:
                WriteBlob(output, '$', DoubleText(value.AsDouble()));
                break;
            case RespKind.Double:
                WriteLine(output, ',', DoubleText(value.AsDouble()));
                break;
            case RespKind.Boolean:
                value.TryGetInteger(out var truth);
                output.Write(protocol == 2
                    ? truth != 0 ? ":1\r\n"u8 : ":0\r\n"u8
                    : truth != 0 ? "#t\r\n"u8 : "#f\r\n"u8);
                break;
            case RespKind.BigNumber when protocol == 2:
                WriteBlob(output, '$', value.Bytes);
                break;
            case RespKind.BigNumber:
                WriteLine(output, '(', value.Bytes);
                break;
            default:
                WriteItems(output, value, protocol);
                break;
        }
    }

    static void WriteItems(IBufferWriter<byte> output, RespValue value, int protocol)
    {
        var (type, count) = value.Kind switch
        {
            RespKind.Map when protocol != 2 => ('%', value.Items.Length / 2),
            RespKind.Set when protocol != 2 => ('~', value.Items.Length),
            RespKind.Push when protocol != 2 => ('>', value.Items.Length),
            _ => ('*', value.Items.Length),
        };
        WriteLength(output, type, count);
        foreach (var item in value.Items)
        {
            WriteReply(output, item, protocol);
        }
    }

    static void WriteBlob(IBufferWriter<byte> output, char type, ReadOnlySpan<byte> bytes)
    {
        WriteLength(output, type, bytes.Length);
        output.Write(bytes);
        output.Write("\r\n"u8);
    }

    static void WriteLength(IBufferWriter<byte> output, char type, long length)
    {
        var line = output.GetSpan(LongestLengthLine);
        line[0] = (byte)type;
        Utf8Formatter.TryFormat(length, line[1..], out var written);
        "\r\n"u8.CopyTo(line[(written + 1)..]);
        output.Advance(written + 3);
    }

    // a line end inside would be read as the end of the reply
    static void WriteLine(IBufferWriter<byte> output, char type, ReadOnlySpan<byte> text)
    {
        var line = output.GetSpan(text.Length + 3);
        line[0] = (byte)type;
        text.CopyTo(line[1..]);
        var copied = line.Slice(1, text.Length);
        copied.Replace((byte)'\r', (byte)' ');
        copied.Replace((byte)'\n', (byte)' ');
        "\r\n"u8.CopyTo(line[(text.Length + 1)..]);
        output.Advance(text.Length + 3);
    }

    static byte[] DoubleText(double number) => Encoding.ASCII.GetBytes(number switch
    {
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        double.NaN => "nan",
        _ => number.ToString("R", CultureInfo.InvariantCulture),
    });
}
