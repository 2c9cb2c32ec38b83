namespace Slotwise.Redis;

/// <summary>A command as it goes over the wire: a name and arguments, each any bytes.</summary>
public class RedisCommand
{
    readonly ReadOnlyMemory<byte>[] _arguments;

    /// <summary>A command from its name and arguments; texts are sent as UTF-8, numbers in decimal.</summary>
    /// <exception cref="ArgumentException">There is not even a name.</exception>
    public RedisCommand(params ReadOnlySpan<RedisArgument> arguments)
    {
        if (arguments.IsEmpty)
        {
            throw new ArgumentException("A command has at least a name.", nameof(arguments));
        }

        _arguments = new ReadOnlyMemory<byte>[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            _arguments[i] = arguments[i].Bytes;
        }
    }

    /// <summary>The name and the arguments.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Arguments => _arguments;

    /// <summary>The name in upper case, with the subcommand of a command that has some: <c>GET</c>, <c>CLUSTER NODES</c>. Holds no secret.</summary>
    public string Name => field ??= RedisCommandText.Name(Arguments);

    /// <summary>The argument at <paramref name="index"/> as text, empty if there are fewer; 0 is the name.</summary>
    public string ArgumentText(int index) => index < _arguments.Length ? System.Text.Encoding.UTF8.GetString(_arguments[index].Span) : "";

    /// <summary>The command for logs: shortened, and without passwords.</summary>
    public override string ToString() => RedisCommandText.Print(Arguments);
}
