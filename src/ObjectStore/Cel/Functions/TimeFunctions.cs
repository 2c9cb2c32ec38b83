using System.Globalization;
using System.Text.RegularExpressions;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>Parts of times and durations, in UTC or in a time zone (<c>Europe/Berlin</c>, <c>-02:30</c>).</summary>
static partial class TimeFunctions
{
    public static IEnumerable<Overload> All =>
    [
        .. Part("getFullYear", time => time.Year),
        .. Part("getMonth", time => time.Month - 1),
        .. Part("getDayOfYear", time => time.DayOfYear - 1),
        .. Part("getDayOfMonth", time => time.Day - 1),
        .. Part("getDate", time => time.Day),
        .. Part("getDayOfWeek", time => (int)time.DayOfWeek),
        .. Part("getHours", time => time.Hour),
        .. Part("getMinutes", time => time.Minute),
        .. Part("getSeconds", time => time.Second),
        .. Part("getMilliseconds", time => time.Millisecond),
        Overload.Member<TimeSpan>("getHours", CelType.Int, span => span.Ticks / TimeSpan.TicksPerHour),
        Overload.Member<TimeSpan>("getMinutes", CelType.Int, span => span.Ticks / TimeSpan.TicksPerMinute),
        Overload.Member<TimeSpan>("getSeconds", CelType.Int, span => span.Ticks / TimeSpan.TicksPerSecond),
        Overload.Member<TimeSpan>("getMilliseconds", CelType.Int, span => span.Ticks / TimeSpan.TicksPerMillisecond),
    ];

    static IEnumerable<Overload> Part(string name, Func<DateTimeOffset, int> part) =>
    [
        Overload.Member<DateTimeOffset>(name, CelType.Int, time => (long)part(time.ToUniversalTime())),
        Overload.Member<DateTimeOffset, string>(name, CelType.Int, (time, zone) => In(time, zone) is { } there ? (long)part(there) : new CelError($"unknown time zone {zone}")),
    ];

    static DateTimeOffset? In(DateTimeOffset time, string zone)
    {
        var match = Offset().Match(zone);
        if (match.Success)
        {
            var offset = new TimeSpan(int.Parse(match.Groups["h"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["m"].Value, CultureInfo.InvariantCulture), 0);
            return offset < TimeSpan.FromHours(14) ? time.ToOffset(zone[0] == '-' ? -offset : offset) : null;
        }

        return zone is "UTC" or "" ? time.ToUniversalTime()
            : TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? TimeZoneInfo.ConvertTime(time, found) : null;
    }

    [GeneratedRegex(@"^[-+]?(?<h>[0-9]{2}):(?<m>[0-9]{2})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Offset();
}
