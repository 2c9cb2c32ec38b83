using System.Globalization;

namespace Slotwise.Redis;

/// <summary>Where a Redis server listens.</summary>
/// <param name="Host">An IPv4 or IPv6 address without brackets, or a host name.</param>
/// <param name="Port">The TCP port, 1 to 65535.</param>
public readonly record struct RedisEndpoint(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
