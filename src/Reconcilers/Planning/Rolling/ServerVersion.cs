using System.Globalization;
using System.Text.RegularExpressions;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rolling;

/// <summary>Which server it is, as far as it matters to others: whether this operator knows it, and which data it writes and reads.</summary>
/// <remarks>
/// A replica gets its master's data as a dump, and a server starts from what was written to its volume. So a server that cannot read what another one writes can neither follow
/// it nor take its volume over. The numbers are those of the dumps' headers: 10 of Redis 7.0 and 12 of Redis 8.0 were read from the servers' own, the others from their sources.
/// </remarks>
public sealed partial record ServerVersion(bool IsValkey, int Major, int Minor)
{
    /// <summary>The newest format that both products share; later ones of Redis are not Valkey's.</summary>
    const int Shared = 11;

    const int OfValkey9 = 80;

    /// <summary>The format that it writes.</summary>
    public int Format => this switch
    {
        { IsValkey: true, Major: >= 9 } => OfValkey9,
        { IsValkey: true } => Shared,
        { Major: < 7 } => 9,
        { Major: 7, Minor: < 2 } => 10,
        { Major: 7, Minor: < 4 } => Shared,
        { Major: < 8 } or { Major: 8, Minor: < 4 } => 12,
        _ => 13,
    };

    /// <summary>Redis 7.0 to 8.x and Valkey 7.2 to 9.</summary>
    public bool IsSupported => IsValkey ? Major is 8 or 9 || (Major == 7 && Minor >= 2) : Major is 7 or 8;

    /// <summary>The version of a server that answers.</summary>
    public static ServerVersion? Of(RedisInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return Parse(info.IsValkey, info.ValkeyVersion ?? info.RedisVersion);
    }

    /// <summary>What the name of an image lets expect; null where it says nothing. Only servers know what they are.</summary>
    public static ServerVersion? Expect(string image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var name = image.Split('@')[0].Split('/')[^1].Split(':');
        return name is [("redis" or "valkey") and var product, var tag] ? Parse(product == "valkey", tag) : null;
    }

    /// <summary>Whether it reads what the other one writes.</summary>
    public bool Reads(ServerVersion other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsValkey ? other.Format <= Shared || other.Format == Format : other.Format <= Format && !(other.IsValkey && other.Format > Shared);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsValkey ? "Valkey" : "Redis")} {Major}.{Minor}");

    static ServerVersion? Parse(bool isValkey, string text) => Numbers().Match(text) is { Success: true } match
        ? new ServerVersion(isValkey, int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
        : null;

    [GeneratedRegex(@"\A(\d{1,4})\.(\d{1,4})")]
    private static partial Regex Numbers();
}
