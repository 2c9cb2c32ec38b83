using System.Globalization;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Resources;

/// <summary>How far a clock is to be wrong, as clients write it: <c>+90s</c>, <c>-1h</c>, <c>0</c>.</summary>
static class ReadClock
{
    /// <summary>About thirty years, either way.</summary>
    const long Longest = 1_000_000_000;

    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: it is none.</exception>
    public static TimeSpan Offset(string text)
    {
        var unit = text.Length == 0 ? ' ' : text[^1];
        var seconds = unit switch { 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 1 };
        var digits = unit is 's' or 'm' or 'h' or 'd' ? text[..^1] : text;
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && Math.Abs((decimal)count * seconds) <= Longest
            ? TimeSpan.FromSeconds(count * seconds)
            : throw ApiError.BadRequest($"clock: \"{text}\" is no whole number of seconds, minutes, hours or days, such as +90s, -5m, -1h, 2d or 0");
    }
}
