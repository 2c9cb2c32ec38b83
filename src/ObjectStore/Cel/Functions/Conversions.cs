using System.Globalization;
using System.Text;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary><c>int(x)</c> and its likes.</summary>
static class Conversions
{
    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static IEnumerable<Overload> All =>
    [
        Overload.Of<bool>("bool", CelType.Bool, value => value),
        Overload.Of<string>("bool", CelType.Bool, ToBool),
        Overload.Of<long>("int", CelType.Int, value => value),
        Overload.Of<ulong>("int", CelType.Int, value => value <= long.MaxValue ? (long)value : CelError.IntOverflow),
        Overload.Of<double>("int", CelType.Int, value => value > -9223372036854775808.0 && value < 9223372036854775808.0 ? (long)value : CelError.IntOverflow),
        Overload.Of<string>("int", CelType.Int, text => TryWhole(text, out var number) ? number : NotConverted("int")),
        Overload.Of<DateTimeOffset>("int", CelType.Int, time => time.ToUnixTimeSeconds()),
        Overload.Of<TimeSpan>("int", CelType.Int, span => span.Ticks * 100),
        Overload.Of<ulong>("uint", CelType.Uint, value => value),
        Overload.Of<long>("uint", CelType.Uint, value => value >= 0 ? (ulong)value : CelError.UintOverflow),
        Overload.Of<double>("uint", CelType.Uint, value => value >= 0 && value < 18446744073709551616.0 ? (ulong)value : CelError.UintOverflow),
        Overload.Of<string>("uint", CelType.Uint, text => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : NotConverted("uint")),
        Overload.Of<double>("double", CelType.Double, value => value),
        Overload.Of<long>("double", CelType.Double, value => (double)value),
        Overload.Of<ulong>("double", CelType.Double, value => (double)value),
        Overload.Of<string>("double", CelType.Double, text => TryDouble(text, out var number) ? number : NotConverted("double")),
        Overload.Of<string>("string", CelType.Text, value => value),
        Overload.Of<bool>("string", CelType.Text, value => Conversion.Show(value)),
        Overload.Of<long>("string", CelType.Text, value => Conversion.Show(value)),
        Overload.Of<ulong>("string", CelType.Text, value => Conversion.Show(value)),
        Overload.Of<double>("string", CelType.Text, value => Conversion.Show(value)),
        Overload.Of<CelBytes>("string", CelType.Text, ToText, Work.Reads),
        Overload.Of<DateTimeOffset>("string", CelType.Text, value => Conversion.Show(value)),
        Overload.Of<TimeSpan>("string", CelType.Text, value => Conversion.Show(value)),
        Overload.Of<CelBytes>("bytes", CelType.Bytes, value => value),
        Overload.Of<string>("bytes", CelType.Bytes, text => new CelBytes(Encoding.UTF8.GetBytes(text)), Work.Reads),
        Overload.Of<TimeSpan>("duration", CelType.Duration, value => value),
        Overload.Of<string>("duration", CelType.Duration, text => Conversion.ReadDuration(text) is { } duration ? duration : NotConverted("google.protobuf.Duration")),
        Overload.Of<DateTimeOffset>("timestamp", CelType.Timestamp, value => value),
        Overload.Of<string>("timestamp", CelType.Timestamp, ToTimestamp),
        Overload.Of<long>("timestamp", CelType.Timestamp, seconds => Arithmetic.Time(() => DateTimeOffset.FromUnixTimeSeconds(seconds))),
        Overload.Of("dyn", CelType.Dyn, [Overload.A], arguments => arguments[0]),
        Overload.Of("type", CelType.TypeOf(Overload.A), [Overload.A], arguments => TypeOfValue.Name(arguments[0])),
    ];

    static object ToBool(string text) => text switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => NotConverted("bool"),
    };

    static object ToText(CelBytes bytes)
    {
        try
        {
            return Strict.GetString(bytes.Content);
        }
        catch (DecoderFallbackException)
        {
            return new CelError("invalid UTF-8 in bytes, cannot convert to string");
        }
    }

    static object ToTimestamp(string text) => Conversion.ReadTimestamp(text) is { } time
        ? time
        : NotConverted("google.protobuf.Timestamp");

    static bool TryWhole(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    static bool TryDouble(string text, out double number)
    {
        number = text.TrimStart('+', '-').ToLowerInvariant() switch
        {
            "inf" or "infinity" => text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
            "nan" => double.NaN,
            _ => 0,
        };
        return number != 0 || (double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number));
    }

    static CelError NotConverted(string type) => new($"type conversion error from 'string' to '{type}'");
}
