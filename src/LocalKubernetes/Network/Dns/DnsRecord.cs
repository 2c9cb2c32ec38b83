using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Slotwise.LocalKubernetes.Network.Dns;

/// <summary>What a question is about (RFC 1035, 2782, 3596, 6891). Others are answered as names without such data.</summary>
public enum DnsType : ushort
{
    A = 1,
    Alias = 5,
    Start = 6,
    Pointer = 12,
    Ipv6 = 28,
    Service = 33,
    Options = 41,
    Any = 255,
}

/// <summary>How a question went.</summary>
public enum DnsCode : byte
{
    Ok = 0,
    Malformed = 1,
    NoSuchName = 3,
    NotImplemented = 4,
}

/// <summary>One line of an answer.</summary>
/// <param name="Name">Without a dot at its end.</param>
/// <param name="Seconds">How long it may be remembered.</param>
public sealed record DnsRecord(string Name, DnsType Type, int Seconds, byte[] Data)
{
    public static DnsRecord Address(string name, IPAddress address, int seconds)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new DnsRecord(name, DnsType.A, seconds, address.GetAddressBytes());
    }

    public static DnsRecord Pointer(string name, string target, int seconds) => new(name, DnsType.Pointer, seconds, Encode(target));

    public static DnsRecord Alias(string name, string target, int seconds) => new(name, DnsType.Alias, seconds, Encode(target));

    public static DnsRecord Service(string name, int weight, int port, string target, int seconds)
    {
        var data = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), (ushort)weight);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), (ushort)port);
        return new DnsRecord(name, DnsType.Service, seconds, [.. data, .. Encode(target)]);
    }

    /// <summary>Who answers for a zone, and how long the absence of a name may be remembered.</summary>
    public static DnsRecord Start(string zone, int seconds)
    {
        var numbers = new byte[20];
        foreach (var (index, number) in new[] { 1, 7200, 1800, 86400, seconds }.Index())
        {
            BinaryPrimitives.WriteInt32BigEndian(numbers.AsSpan(index * 4), number);
        }

        return new DnsRecord(zone, DnsType.Start, seconds, [.. Encode($"ns.dns.{zone}"), .. Encode($"hostmaster.{zone}"), .. numbers]);
    }

    /// <summary>A name as it stands in a message, without compression.</summary>
    public static byte[] Encode(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bytes = new List<byte>(name.Length + 2);
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        return [.. bytes];
    }
}

/// <summary>What a server says to a question.</summary>
public sealed record DnsAnswer(DnsCode Code, IReadOnlyList<DnsRecord> Answers, IReadOnlyList<DnsRecord> Authority, IReadOnlyList<DnsRecord> Additional);
