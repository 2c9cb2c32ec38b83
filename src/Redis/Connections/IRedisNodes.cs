namespace Slotwise.Redis;

/// <summary>The Redis nodes there are to ask. Getting one connects to nothing yet.</summary>
public interface IRedisNodes
{
    /// <summary>The node that listens at the endpoint.</summary>
    /// <param name="endpoint">Its address.</param>
    /// <param name="key">What identifies the server process behind the address for as long as it lives, such as a pod's uid.</param>
    /// <param name="credentials">Whom to authenticate as, or null for nobody.</param>
    IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials);

    /// <summary>Opens a connection of its own, which nobody else uses.</summary>
    /// <param name="endpoint">Whom to dial.</param>
    /// <param name="credentials">Whom to authenticate as, or null for nobody.</param>
    /// <param name="timeout">For everything: waiting for a turn to dial, connecting and authenticating.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RedisTimeoutException">The time is up.</exception>
    /// <exception cref="RedisConnectionException">The node can't be reached, or refused the credentials.</exception>
    Task<IRedisSession> OpenAsync(RedisEndpoint endpoint, RedisCredentials? credentials, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Says that the key will not be asked for again: its connection is closed now instead of when it has been idle for long.</summary>
    void Forget(string key);
}
