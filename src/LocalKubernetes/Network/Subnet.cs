using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Slotwise.LocalKubernetes.Network;

/// <summary>A range of IPv4 addresses.</summary>
public readonly record struct Subnet(IPAddress Address, int PrefixLength)
{
    const int PodPrefixLength = 18;

    public uint First => ToNumber(Address) & Mask;

    public uint Last => First | ~Mask;

    uint Mask => PrefixLength == 0 ? 0 : uint.MaxValue << (32 - PrefixLength);

    /// <summary>Reads <c>10.1.0.0/16</c>, or an address alone as a range of one.</summary>
    public static bool TryParse(string text, out Subnet subnet)
    {
        ArgumentNullException.ThrowIfNull(text);
        subnet = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var length = 32;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > 32))
        {
            return false;
        }

        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
        {
            return false;
        }

        subnet = new Subnet(address, length);
        return true;
    }

    public bool Overlaps(Subnet other) => First <= other.Last && other.First <= Last;

    /// <summary>The address that is so many after the first.</summary>
    public IPAddress At(uint index) => ToAddress(First + index);

    /// <summary>One of the equal parts of this range.</summary>
    public Subnet Part(uint index, int prefixLength) => new(ToAddress(First + (index << (32 - prefixLength))), prefixLength);

    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && ToNumber(address) is var number && First <= number && number <= Last;
    }

    /// <summary>
    /// A range for pods in 10.128.0.0/9 (away from the usual 10.96 and 10.244 of Kubernetes) that overlaps nothing the host
    /// routes to. The same seed finds the same range while it is free.
    /// </summary>
    public static bool TryChooseFree(uint seed, IReadOnlyCollection<Subnet> taken, out Subnet subnet)
    {
        ArgumentNullException.ThrowIfNull(taken);
        const uint Start = (10u << 24) | (128u << 16);
        const uint Count = 1u << (PodPrefixLength - 9);
        for (uint i = 0; i < Count; i++)
        {
            var candidate = new Subnet(ToAddress(Start + (((seed + i) % Count) << (32 - PodPrefixLength))), PodPrefixLength);
            if (!taken.Any(candidate.Overlaps))
            {
                subnet = candidate;
                return true;
            }
        }

        subnet = default;
        return false;
    }

    public override string ToString() => $"{ToAddress(First)}/{PrefixLength.ToString(CultureInfo.InvariantCulture)}";

    static uint ToNumber(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    static IPAddress ToAddress(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
