using System.Globalization;
using System.Text;

namespace Slotwise.Redis;

/// <summary>Commands as people may see them. Whatever could be a password is left out.</summary>
static class RedisCommandText
{
    const int ShownArguments = 16;
    const int ShownBytes = 64;
    const string Hidden = "(hidden)";

    static readonly string[] WithSubcommands = ["ACL", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "FUNCTION", "MEMORY", "SCRIPT"];

    public static string Name(ReadOnlySpan<ReadOnlyMemory<byte>> arguments)
    {
        var name = Upper(arguments[0]);
        return arguments.Length > 1 && WithSubcommands.Contains(name) ? name + " " + Upper(arguments[1]) : name;
    }

    public static string Print(ReadOnlySpan<ReadOnlyMemory<byte>> arguments)
    {
        var name = Name(arguments);
        var text = new StringBuilder(name);
        for (var i = name.Contains(' ', StringComparison.Ordinal) ? 2 : 1; i < arguments.Length; i++)
        {
            if (i == ShownArguments)
            {
                text.Append(CultureInfo.InvariantCulture, $" (and {arguments.Length - i} more)");
                break;
            }

            text.Append(' ');
            if (IsSecret(name, arguments, i))
            {
                text.Append(Hidden);
            }
            else
            {
                Append(text, arguments[i].Span);
            }
        }

        return text.ToString();
    }

    static bool IsSecret(string name, ReadOnlySpan<ReadOnlyMemory<byte>> arguments, int index) => name switch
    {
        "AUTH" => true,
        "ACL SETUSER" => index > 2,

        // the credentials follow the word AUTH or AUTH2, which may also be a key
        "HELLO" or "MIGRATE" or "CLUSTER MIGRATESLOTS" => IsWord(arguments, index - 1, "AUTH")
            || IsWord(arguments, index - 1, "AUTH2") || IsWord(arguments, index - 2, "AUTH2")
            || (name == "HELLO" && IsWord(arguments, index - 2, "AUTH")),
        "CONFIG SET" => index > 2 && int.IsOddInteger(index) && NamesSecret(Upper(arguments[index - 1])),
        _ => false,
    };

    // requirepass, masterauth, primaryauth, tls-key-file-pass, ...
    static bool NamesSecret(string directive) =>
        directive.Contains("PASS", StringComparison.Ordinal) || directive.EndsWith("AUTH", StringComparison.Ordinal);

    static bool IsWord(ReadOnlySpan<ReadOnlyMemory<byte>> arguments, int index, string word) => index > 0 && Upper(arguments[index]) == word;

    static string Upper(ReadOnlyMemory<byte> argument) => argument.Length <= ShownBytes ? Encoding.UTF8.GetString(argument.Span).ToUpperInvariant() : "";

    static void Append(StringBuilder text, ReadOnlySpan<byte> argument)
    {
        if (argument.IsEmpty)
        {
            text.Append("\"\"");
        }

        foreach (var value in argument[..Math.Min(argument.Length, ShownBytes)])
        {
            if (value is > 0x20 and < 0x7F)
            {
                text.Append((char)value);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
            }
        }

        if (argument.Length > ShownBytes)
        {
            text.Append("...");
        }
    }
}
