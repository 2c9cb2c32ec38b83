using System.Globalization;
using System.Net;

namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>A range of addresses as it is written, bits of the host included.</summary>
sealed record CelCidr(IPAddress Address, int PrefixLength)
{
    IPNetwork Network => new(Masked().Address, PrefixLength);

    public bool Contains(IPAddress address) => address.AddressFamily == Address.AddressFamily && Network.Contains(address);

    public bool Contains(CelCidr other) => other.PrefixLength >= PrefixLength && Contains(other.Masked().Address);

    public CelCidr Masked()
    {
        var bytes = Address.GetAddressBytes();
        for (var bit = PrefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return this with { Address = new IPAddress(bytes) };
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{PrefixLength}");
}
