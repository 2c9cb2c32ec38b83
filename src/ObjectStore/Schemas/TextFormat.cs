using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>The <c>format</c>s of strings that are checked (go-openapi's strfmt); others are documentation, as in Kubernetes.</summary>
static partial class TextFormat
{
    public static bool IsValid(string? format, string text) => format switch
    {
        "date-time" or "datetime" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        "quantity" => Quantity.TryParse(text, out _),
        "byte" => IsBase64(text),
        "duration" => Conversion.ReadDuration(text) is not null || WordyDuration().IsMatch(text),
        "ipv4" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork,
        "ipv6" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6,
        "cidr" => text.Split('/') is [var address, var length] && IPAddress.TryParse(address, out var parsed)
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits <= (parsed.AddressFamily == AddressFamily.InterNetwork ? 32 : 128),
        "mac" => text.Length > 0 && PhysicalAddress.TryParse(text, out var mac) && mac.GetAddressBytes().Length is 6 or 8 or 20,
        "email" => MailAddress.TryCreate(text, out var mail) && mail.Address == text,
        "hostname" => text.Length <= 255 && HostName().IsMatch(text),
        "uuid" or "uuid3" or "uuid4" or "uuid5" => Uuid().IsMatch(text),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        _ => true,
    };

    static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[(text.Length * 3 / 4) + 3], out _);

    [GeneratedRegex(@"^[0-9]+\s*(ns|nano|us|µs|micro|ms|milli|s|sec|second|m|min|minute|h|hr|hour|d|day|w|wk|week)s?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex WordyDuration();

    [GeneratedRegex(@"^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]))*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex HostName();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();
}
