using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>Values to text and back, in Go's forms.</summary>
static partial class Conversion
{
    const long MaxSeconds = long.MaxValue / 1_000_000_000;

    public static string Show(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        double number => Double(number),
        CelBytes bytes => Encoding.UTF8.GetString(bytes.Content),
        TimeSpan duration => Duration(duration),
        DateTimeOffset time => Timestamp(time),
        TypeValue type => type.Name,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>As Go's <c>FormatFloat(x, 'g', -1)</c> does.</summary>
    public static string Double(double number)
    {
        if (double.IsNaN(number) || double.IsInfinity(number))
        {
            return double.IsNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
        }

        var size = Math.Abs(number);
        if (size != 0 && (size < 1e-4 || size >= 1e21))
        {
            var text = number.ToString("E16", CultureInfo.InvariantCulture);
            text = number.ToString("R", CultureInfo.InvariantCulture) is var shortest && shortest.Contains('E', StringComparison.Ordinal) ? shortest : text;
            var parts = text.Split('E');
            var exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
            return $"{parts[0]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return ((decimal)size is var exact && (double)exact == size ? (number < 0 ? -exact : exact).ToString("0.#############################", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>Seconds, as CEL writes durations: <c>90.5s</c>.</summary>
    public static string Duration(TimeSpan duration) => Double((double)duration.Ticks / TimeSpan.TicksPerSecond) + "s";

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    public static bool TryReadBase64(string text, out CelBytes bytes)
    {
        var buffer = new byte[(text.Length * 3 / 4) + 3];
        var isValid = Convert.TryFromBase64String(text, buffer, out var length);
        bytes = new CelBytes(buffer[..length]);
        return isValid;
    }

    /// <summary>As Go's <c>ParseDuration</c>: <c>1h30m</c>, <c>-1.5s</c>. Null when it is none.</summary>
    public static TimeSpan? ReadDuration(string text)
    {
        var match = DurationForm().Match(text);
        if (!match.Success)
        {
            return text is "0" or "+0" or "-0" ? TimeSpan.Zero : null;
        }

        var nanoseconds = 0m;
        var (numbers, units) = (match.Groups["n"].Captures, match.Groups["u"].Captures);
        for (var i = 0; i < numbers.Count; i++)
        {
            var written = numbers[i].Value;
            if (written is "." || written.Length > 20 || !decimal.TryParse(written, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            nanoseconds += number * units[i].Value switch
            {
                "ns" => 1m,
                "us" or "µs" or "μs" => 1_000m,
                "ms" => 1_000_000m,
                "s" => 1_000_000_000m,
                "m" => 60_000_000_000m,
                _ => 3_600_000_000_000m,
            };
        }

        return nanoseconds > long.MaxValue ? null : TimeSpan.FromTicks((long)(nanoseconds / 100) * (text[0] == '-' ? -1 : 1));
    }

    public static DateTimeOffset? ReadTimestamp(string text) =>
        TimestampForm().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    public static DateTimeOffset? ReadDate(string text) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>Whether a duration is one that CEL knows, which counts nanoseconds in 64 bits.</summary>
    public static bool IsInRange(TimeSpan duration) => Math.Abs(duration.TotalSeconds) <= MaxSeconds;

    [GeneratedRegex(@"^[-+]?((?<n>[0-9]*\.?[0-9]*)(?<u>ns|us|µs|μs|ms|s|m|h))+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex DurationForm();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[-+][0-9]{2}:[0-9]{2})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex TimestampForm();
}
