using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Slotwise.LocalKubernetes.Network.Dns;

/// <summary>A question as it came over the network.</summary>
/// <param name="Id">Repeated in the answer.</param>
/// <param name="Name">As it was asked, without a dot at its end.</param>
/// <param name="Type">What is asked about it.</param>
/// <param name="LargestAnswer">How many bytes fit into an answer over UDP.</param>
/// <param name="HasOptions">Whether the asker knows EDNS, and is answered in kind.</param>
public sealed record DnsQuestion(ushort Id, bool WantsRecursion, string Name, DnsType Type, int LargestAnswer, bool HasOptions)
{
    const int Header = 12;
    const int SmallestLimit = 512;

    // what passes any network unfragmented; also CoreDNS' limit
    const int LargestLimit = 1232;

    /// <summary>False when it is no question; <paramref name="code"/> says why.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DnsQuestion? question, out DnsCode code)
    {
        question = null;
        code = DnsCode.Malformed;
        if (message.Length < Header || (message[2] & 0x80) != 0)
        {
            return false;
        }

        if ((message[2] & 0x78) != 0)
        {
            code = DnsCode.NotImplemented;
            return false;
        }

        var place = Header;
        if (Number(message, 4) != 1 || !TryReadName(message, ref place, out var name) || place + 4 > message.Length)
        {
            return false;
        }

        var type = (DnsType)Number(message, place);
        place += 4;
        var (limit, hasOptions) = ReadOptions(message, place);
        question = new DnsQuestion(Number(message, 0), (message[2] & 1) != 0, name, type, limit, hasOptions);
        code = DnsCode.Ok;
        return true;
    }

    /// <summary>The answer as a message.</summary>
    /// <param name="answer">What to say.</param>
    /// <param name="largest">More bytes than this are cut off, and the asker comes again over TCP.</param>
    public byte[] Write(DnsAnswer answer, int largest)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var message = new List<byte>(largest < SmallestLimit ? SmallestLimit : 1024);
        var name = DnsRecord.Encode(Name);
        message.AddRange(new byte[Header]);
        message.AddRange(name);
        Add(message, (ushort)Type, 1);
        var counts = new int[3];
        var isCut = false;
        foreach (var (section, records) in new[] { answer.Answers, answer.Authority, answer.Additional }.Index())
        {
            foreach (var record in records)
            {
                var bytes = Write(record);
                if (message.Count + bytes.Length + (HasOptions ? 11 : 0) > largest)
                {
                    isCut |= section < 2;
                    break;
                }

                message.AddRange(bytes);
                counts[section]++;
            }
        }

        if (HasOptions)
        {
            message.Add(0);
            Add(message, (ushort)DnsType.Options, LargestLimit, 0, 0, 0);
            counts[2]++;
        }

        var written = message.ToArray();
        var flags = 0x8400 | (isCut ? 0x0200 : 0) | (WantsRecursion ? 0x0100 : 0) | (byte)answer.Code;
        foreach (var (index, number) in new[] { Id, flags, 1, counts[0], counts[1], counts[2] }.Index())
        {
            BinaryPrimitives.WriteUInt16BigEndian(written.AsSpan(index * 2), (ushort)number);
        }

        return written;
    }

    byte[] Write(DnsRecord record)
    {
        var bytes = new List<byte>();
        if (string.Equals(record.Name, Name, StringComparison.OrdinalIgnoreCase))
        {
            // points back at the question
            Add(bytes, 0xC000 | Header);
        }
        else
        {
            bytes.AddRange(DnsRecord.Encode(record.Name));
        }

        Add(bytes, (ushort)record.Type, 1, (ushort)(record.Seconds >> 16), (ushort)record.Seconds, (ushort)record.Data.Length);
        bytes.AddRange(record.Data);
        return [.. bytes];
    }

    static (int Limit, bool HasOptions) ReadOptions(ReadOnlySpan<byte> message, int place)
    {
        // a question's only additional record, under the root's name
        if (Number(message, 10) == 0 || place + 11 > message.Length || message[place] != 0 || Number(message, place + 1) != (ushort)DnsType.Options)
        {
            return (SmallestLimit, false);
        }

        return (Math.Clamp((int)Number(message, place + 3), SmallestLimit, LargestLimit), true);
    }

    static bool TryReadName(ReadOnlySpan<byte> message, ref int place, out string name)
    {
        name = "";
        var text = new StringBuilder();
        while (place < message.Length && message[place] != 0)
        {
            var length = message[place];
            if (length > 63 || place + 1 + length > message.Length || text.Length > 255)
            {
                return false;
            }

            text.Append(text.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(message.Slice(place + 1, length)));
            place += 1 + length;
        }

        place++;
        name = text.ToString();
        return place <= message.Length;
    }

    static ushort Number(ReadOnlySpan<byte> message, int place) => BinaryPrimitives.ReadUInt16BigEndian(message[place..]);

    static void Add(List<byte> bytes, params ReadOnlySpan<ushort> numbers)
    {
        foreach (var number in numbers)
        {
            bytes.Add((byte)(number >> 8));
            bytes.Add((byte)number);
        }
    }
}
