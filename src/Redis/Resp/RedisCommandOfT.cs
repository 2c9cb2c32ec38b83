namespace Slotwise.Redis;

/// <summary>A command that knows how to read its reply. It can be sent alone, or in one batch with others and then be shown its reply.</summary>
public sealed class RedisCommand<T> : RedisCommand
{
    readonly Func<RespValue, T> _read;

    /// <summary>A command and the reader of its reply, which throws <see cref="FormatException"/> for a reply of another shape.</summary>
    public RedisCommand(Func<RespValue, T> read, params ReadOnlySpan<RedisArgument> arguments)
        : base(arguments)
    {
        ArgumentNullException.ThrowIfNull(read);
        _read = read;
    }

    /// <summary>The meaning of the reply.</summary>
    /// <exception cref="RedisServerException">The reply is an error, or not what this command answers.</exception>
    public T Read(RespValue reply)
    {
        reply.ThrowIfError();
        try
        {
            return _read(reply);
        }
        catch (FormatException e)
        {
            throw new RedisServerException($"{RedisServerException.UnexpectedReply} to {Name}: {e.Message}", e);
        }
    }
}
