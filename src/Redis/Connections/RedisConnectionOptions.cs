using System.Net.Security;

namespace Slotwise.Redis;

/// <summary>How connections are made and how long they may take.</summary>
public sealed record RedisConnectionOptions
{
    public static readonly RedisConnectionOptions Default = new();

    /// <summary>How long reaching the server, and TLS, may take; 300 ms. HELLO and authentication have the time of a command.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long a command, or a batch of them, may take where the caller does not say; 1 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The TLS settings for a server; null, as by default, for a plain connection.</summary>
    public Func<RedisEndpoint, SslClientAuthenticationOptions?> Tls { get; init; } = _ => null;

    /// <summary>What one reply may cost.</summary>
    public RespLimits Limits { get; init; } = RespLimits.Default;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
