using System.Globalization;

namespace Slotwise.Reconcilers.Planning.Configuration;

/// <summary>Values of directives as they stand in redis.conf, are sent by CONFIG SET, and are repeated by CONFIG GET.</summary>
public static class DirectiveText
{
    static readonly (string Suffix, long Factor)[] Units =
    [
        ("kb", 1L << 10), ("mb", 1L << 20), ("gb", 1L << 30), ("k", 1000), ("m", 1000_000), ("g", 1000_000_000), ("b", 1),
    ];

    /// <summary>What CONFIG SET is to be sent for a value in redis.conf: there a text may stand in quotes.</summary>
    public static string Argument(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Length >= 2 && value[0] == value[^1] && value[0] is '"' or '\'' ? value[1..^1] : value;
    }

    /// <summary>Whether what a server says is that value, as far as that can be told without knowing the directive.</summary>
    public static bool IsSame(string value, string reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var wanted = Argument(value);
        return Words(wanted) == Words(reading) || (Amount(wanted) is { } amount && amount == Amount(reading));
    }

    static string Words(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();

    /// <summary>Such as <c>100mb</c>.</summary>
    static long? Amount(string text)
    {
        var lower = text.ToLowerInvariant();
        var (suffix, factor) = Units.FirstOrDefault(unit => lower.EndsWith(unit.Suffix, StringComparison.Ordinal));
        return long.TryParse(lower[..^(suffix?.Length ?? 0)], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number * Math.Max(1, factor) : null;
    }
}
