using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>The <c>ip</c> and <c>cidr</c> libraries of Kubernetes (since 1.30).</summary>
static class NetworkFunctions
{
    public static IEnumerable<Overload> All =>
    [
        Overload.Of<string>("ip", CelType.Ip, text => ReadAddress(text) is { } address ? address : NoAddress(text), Work.Reads),
        Overload.Of<string>("isIP", CelType.Bool, text => ReadAddress(text) is not null, Work.Reads),
        Overload.Of<string>("ip.isCanonical", CelType.Bool, text => ReadAddress(text) is { } address ? address.ToString() == text : NoAddress(text), Work.Reads),
        Overload.Of<IPAddress>("string", CelType.Text, address => address.ToString()),
        Overload.Member<IPAddress>("family", CelType.Int, address => address.AddressFamily is AddressFamily.InterNetwork ? 4L : 6L),
        Overload.Member<IPAddress>("isUnspecified", CelType.Bool, address => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)),
        Overload.Member<IPAddress>("isLoopback", CelType.Bool, address => IPAddress.IsLoopback(address)),
        Overload.Member<IPAddress>("isLinkLocalUnicast", CelType.Bool, address => IsLinkLocal(address)),
        Overload.Member<IPAddress>("isLinkLocalMulticast", CelType.Bool, address => IsLinkLocalMulticast(address)),
        Overload.Member<IPAddress>("isGlobalUnicast", CelType.Bool, address => IsGlobal(address)),
        Overload.Of<string>("cidr", CelType.Cidr, text => ReadRange(text) is { } range ? range : NoRange(text), Work.Reads),
        Overload.Of<string>("isCIDR", CelType.Bool, text => ReadRange(text) is not null, Work.Reads),
        Overload.Of<CelCidr>("string", CelType.Text, range => range.ToString()),
        Overload.Member<CelCidr, string>("containsIP", CelType.Bool, (range, text) => ReadAddress(text) is { } address ? range.Contains(address) : NoAddress(text)),
        Overload.Member<CelCidr, IPAddress>("containsIP", CelType.Bool, (range, address) => range.Contains(address)),
        Overload.Member<CelCidr, string>("containsCIDR", CelType.Bool, (range, text) => ReadRange(text) is { } other ? range.Contains(other) : NoRange(text)),
        Overload.Member<CelCidr, CelCidr>("containsCIDR", CelType.Bool, (range, other) => range.Contains(other)),
        Overload.Member<CelCidr>("ip", CelType.Ip, range => range.Address),
        Overload.Member<CelCidr>("masked", CelType.Cidr, range => range.Masked()),
        Overload.Member<CelCidr>("prefixLength", CelType.Int, range => (long)range.PrefixLength),
    ];

    /// <summary>Strictly: four decimal parts without leading zeros, or an IPv6 address without a zone that maps no IPv4 one.</summary>
    static IPAddress? ReadAddress(string text)
    {
        if (text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal) || text.Contains('/', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var address))
        {
            return null;
        }

        return address.AddressFamily is AddressFamily.InterNetwork
            ? address.ToString() == text ? address : null
            : address.IsIPv4MappedToIPv6 ? null : address;
    }

    static CelCidr? ReadRange(string text)
    {
        var slash = text.LastIndexOf('/');
        if (slash < 0 || ReadAddress(text[..slash]) is not { } address)
        {
            return null;
        }

        var most = address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128;
        var written = text[(slash + 1)..];
        return int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= most && (written == "0" || written[0] != '0')
            ? new CelCidr(address, length)
            : null;
    }

    static bool IsLinkLocal(IPAddress address) =>
        address.AddressFamily is AddressFamily.InterNetwork ? address.GetAddressBytes() is [169, 254, ..] : address.IsIPv6LinkLocal;

    static bool IsLinkLocalMulticast(IPAddress address) => address.GetAddressBytes() switch
    {
        [224, 0, 0, _] => true,
        { Length: 16 } bytes => bytes[0] == 0xff && (bytes[1] & 0x0f) == 2,
        _ => false,
    };

    static bool IsMulticast(IPAddress address) =>
        address.AddressFamily is AddressFamily.InterNetwork ? (address.GetAddressBytes()[0] & 0xf0) == 0xe0 : address.IsIPv6Multicast;

    static bool IsGlobal(IPAddress address) =>
        !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast)
        && !IPAddress.IsLoopback(address) && !IsMulticast(address) && !IsLinkLocal(address);

    static CelError NoAddress(string text) => new($"IP Address \"{text}\" parse error during conversion from string: ParseAddr(\"{text}\"): unable to parse IP");

    static CelError NoRange(string text) => new($"network address parse error during conversion from string: netip.ParsePrefix(\"{text}\"): no '/'");
}
