using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Slotwise.Conformance.Pods;

/// <summary>One record: an address, or <c>priority weight port target</c> of a service.</summary>
public sealed record DnsLine(string Name, int Type, int Seconds, string Text);

/// <summary>An answer of a name server, taken apart.</summary>
public sealed record DnsReply(int Code, bool IsCut, IReadOnlyList<DnsLine> Answers, IReadOnlyList<DnsLine> Authority)
{
    public const int A = 1;
    public const int Start = 6;
    public const int Ipv6 = 28;
    public const int Service = 33;

    public const int Ok = 0;
    public const int NoSuchName = 3;

    public IEnumerable<string> Texts => Answers.Select(line => line.Text);

    public static DnsReply Read(byte[] message)
    {
        var place = 12;
        for (var i = 0; i < Number(message, 4); i++)
        {
            ReadName(message, ref place);
            place += 4;
        }

        return new DnsReply(message[3] & 15, (message[2] & 2) != 0, Lines(message, Number(message, 6), ref place), Lines(message, Number(message, 8), ref place));
    }

    static List<DnsLine> Lines(byte[] message, int count, ref int place)
    {
        var lines = new List<DnsLine>();
        for (var i = 0; i < count; i++)
        {
            var name = ReadName(message, ref place);
            var type = Number(message, place);
            var seconds = BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(place + 4));
            var length = Number(message, place + 8);
            place += 10;
            var text = type switch
            {
                A => new IPAddress(message.AsSpan(place, 4)).ToString(),
                Service => $"{Number(message, place)} {Number(message, place + 2)} {Number(message, place + 4)} {Target(message, place + 6)}",
                _ => "",
            };
            place += length;
            lines.Add(new DnsLine(name, type, seconds, text));
        }

        return lines;
    }

    static string Target(byte[] message, int place) => ReadName(message, ref place);

    static string ReadName(byte[] message, ref int place)
    {
        var labels = new List<string>();
        while (message[place] != 0)
        {
            if (message[place] >= 0xC0)
            {
                var back = Number(message, place) & 0x3FFF;
                place += 2;
                labels.Add(ReadName(message, ref back));
                return string.Join('.', labels);
            }

            labels.Add(Encoding.ASCII.GetString(message, place + 1, message[place]));
            place += message[place] + 1;
        }

        place++;
        return string.Join('.', labels);
    }

    static int Number(byte[] message, int place) => BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(place));
}
