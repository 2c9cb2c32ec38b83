namespace Slotwise.Redis;

/// <summary>The Redis nodes there are to ask. Getting one connects to nothing yet.</summary>
public interface IRedisNodes
{
    /// <summary>The node that listens at the endpoint.</summary>
    /// <param name="endpoint">Its address.</param>
    /// <param name="key">What identifies the server process behind the address for as long as it lives, such as a pod's uid.</param>
    /// <param name="credentials">Whom to authenticate as, or null for nobody.</param>
    IRedisNode Get(RedisEndpoint endpoint, string key, RedisCredentials? credentials);

    /// <summary>Says that the key will not be asked for again: its connection is closed now instead of when it has been idle for long.</summary>
    void Forget(string key);
}
