using Slotwise.Redis;

namespace Slotwise.Simulation.Redis.Commands;

/// <summary>Which arguments of a command are keys.</summary>
static class CommandKeys
{
    public static IReadOnlyList<string> Of(RedisCommand command, string name)
    {
        switch (name)
        {
            case "GET" or "SET" or "TYPE" or "DUMP" or "RESTORE" or "RESTORE-ASKING":
                return [command.ArgumentText(1)];
            case "DEL" or "EXISTS" or "MGET":
                return From(command, 1);
            case "MEMORY USAGE":
                return [command.ArgumentText(2)];
            case "MIGRATE":
                return command.ArgumentText(3) is { Length: > 0 } key ? [key] : From(command, MigrateKeys(command));
            default:
                return [];
        }
    }

    /// <summary>Where the keys of MIGRATE begin that has them at its end.</summary>
    public static int MigrateKeys(RedisCommand command)
    {
        for (var index = 6; index < command.Arguments.Length; index++)
        {
            switch (command.ArgumentText(index).ToUpperInvariant())
            {
                case "KEYS":
                    return index + 1;
                case "AUTH":
                    index++;
                    break;
                case "AUTH2":
                    index += 2;
                    break;
                default:
                    break;
            }
        }

        return command.Arguments.Length;
    }

    static List<string> From(RedisCommand command, int first)
    {
        var keys = new List<string>();
        for (var index = first; index < command.Arguments.Length; index++)
        {
            keys.Add(command.ArgumentText(index));
        }

        return keys;
    }
}
