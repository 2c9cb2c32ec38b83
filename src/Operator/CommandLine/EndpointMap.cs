using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Operator.CommandLine;

/// <summary>The values of <c>--map</c>: where nodes are reached that announce themselves elsewhere.</summary>
static class EndpointMap
{
    /// <exception cref="UserErrorException">One of them is no <c>ADDRESS:PORT=ADDRESS:PORT</c>.</exception>
    public static IReadOnlyDictionary<RedisEndpoint, RedisEndpoint> Parse(IEnumerable<string> values)
    {
        var map = new Dictionary<RedisEndpoint, RedisEndpoint>();
        foreach (var value in values)
        {
            if (value.Split('=') is not [var announced, var reached] || !TryParse(announced, out var from) || !TryParse(reached, out var to))
            {
                throw new UserErrorException($"--map {value}: must be ADDRESS:PORT=ADDRESS:PORT, such as 10.0.0.7:6379=127.0.0.1:7001 ([...] around an IPv6 address)");
            }

            map[from] = to;
        }

        return map;
    }

    static bool TryParse(string text, out RedisEndpoint endpoint)
    {
        var colon = text.LastIndexOf(':');
        endpoint = default;
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return false;
        }

        var host = text[..colon];
        endpoint = new RedisEndpoint(host is ['[', .. var inside, ']'] ? inside : host, port);
        return endpoint.Host.Length > 0;
    }
}
