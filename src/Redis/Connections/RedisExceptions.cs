namespace Slotwise.Redis;

/// <summary>Whatever goes wrong between us and a Redis node. No message holds a secret.</summary>
public abstract class RedisException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The node could not be reached, or the connection broke.</summary>
public class RedisConnectionException(RedisEndpoint endpoint, string message, Exception? innerException = null)
    : RedisException($"{endpoint}: {message}", innerException)
{
    public RedisEndpoint Endpoint { get; } = endpoint;

    /// <summary>False when no command had been sent, so that it is safe to repeat them; true when they may have been, or may yet be, carried out.</summary>
    public bool MayHaveBeenCarriedOut { get; init; }
}

/// <summary>The node did not answer in time.</summary>
public sealed class RedisTimeoutException(RedisEndpoint endpoint, string message, Exception? innerException = null)
    : RedisConnectionException(endpoint, message, innerException);

/// <summary>Every connection that a client may have was in use for too long; nothing was sent.</summary>
public sealed class RedisBusyException(RedisEndpoint endpoint, string message) : RedisConnectionException(endpoint, message);

/// <summary>The node refused the credentials.</summary>
public sealed class RedisAuthenticationException(RedisEndpoint endpoint, RedisServerException refusal)
    : RedisConnectionException(endpoint, "authentication failed: " + refusal.Message, refusal)
{
    /// <summary>The code of the refusal, such as <c>WRONGPASS</c>.</summary>
    public string Code { get; } = refusal.Code;
}

/// <summary>The node answered a command with an error.</summary>
public sealed class RedisServerException(string text, Exception? innerException = null) : RedisException(text, innerException)
{
    /// <summary>The code of a reply that is no error but not what the command answers either.</summary>
    public const string UnexpectedReply = "UNEXPECTEDREPLY";

    /// <summary>The first word of the error: <c>ERR</c>, <c>NOAUTH</c>, <c>LOADING</c>, <c>MOVED</c>, ...</summary>
    public string Code { get; } = text.Split(' ', 2)[0];
}

/// <summary>What arrived is no RESP, or exceeds a limit.</summary>
public sealed class RedisProtocolException(string message) : RedisException(message);
