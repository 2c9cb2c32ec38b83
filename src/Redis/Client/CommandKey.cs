using System.Text;

namespace Slotwise.Redis;

/// <summary>Which argument of a command decides about the slot: its first key, or the channel of a shard.</summary>
static class CommandKey
{
    const int LongestName = 16;

    /// <summary>The slot of the command, or null if it has no key, so that any node may carry it out.</summary>
    public static int? SlotOf(RedisCommand command)
    {
        var arguments = command.Arguments;
        var position = Position(arguments);
        return position > 0 && position < arguments.Length ? SlotHash.Of(arguments[position].Span) : null;
    }

    static int Position(ReadOnlySpan<ReadOnlyMemory<byte>> arguments) => Upper(arguments[0]) switch
    {
        // after the script and the number of its keys
        "EVAL" or "EVALSHA" or "EVAL_RO" or "EVALSHA_RO" or "FCALL" or "FCALL_RO" => HasKeys(arguments, 2) ? 3 : 0,

        // after the number of keys
        "LMPOP" or "ZMPOP" or "ZUNION" or "ZINTER" or "ZDIFF" or "ZINTERCARD" or "SINTERCARD" => 2,
        "BLMPOP" or "BZMPOP" => 3,

        // after the subcommand or the operation
        "OBJECT" or "MEMORY" or "XGROUP" or "XINFO" or "DEBUG" or "BITOP" => 2,
        "XREAD" or "XREADGROUP" => After(arguments, "STREAMS"),
        "PING" or "INFO" or "CLUSTER" or "CONFIG" or "CLIENT" or "COMMAND" or "SCRIPT" or "FUNCTION" or "ACL" or "LATENCY" or "SLOWLOG" or "KEYS" or "SCAN" => 0,
        _ => 1,
    };

    static bool HasKeys(ReadOnlySpan<ReadOnlyMemory<byte>> arguments, int index) =>
        arguments.Length > index && !arguments[index].Span.SequenceEqual("0"u8);

    static int After(ReadOnlySpan<ReadOnlyMemory<byte>> arguments, string word)
    {
        for (var i = 1; i < arguments.Length; i++)
        {
            if (Upper(arguments[i]) == word)
            {
                return i + 1;
            }
        }

        return 0;
    }

    static string Upper(ReadOnlyMemory<byte> argument) => argument.Length <= LongestName ? Encoding.UTF8.GetString(argument.Span).ToUpperInvariant() : "";
}
