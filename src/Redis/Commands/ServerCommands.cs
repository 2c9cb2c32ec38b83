namespace Slotwise.Redis;

/// <summary>Commands about a server and its data.</summary>
public static class ServerCommands
{
    /// <summary>PING: answers <c>PONG</c>.</summary>
    public static RedisCommand<string> Ping { get; } = new(Replies.Text, "PING");

    /// <summary>DBSIZE: the number of keys.</summary>
    public static RedisCommand<long> DbSize { get; } = new(Replies.Integer, "DBSIZE");

    /// <summary>ACL WHOAMI: the user of the connection.</summary>
    public static RedisCommand<string> AclWhoAmI { get; } = new(Replies.Text, "ACL", "WHOAMI");

    /// <summary>ACL LOAD: reads the file with the users again.</summary>
    public static RedisCommand<string> AclLoad { get; } = new(Replies.Done, "ACL", "LOAD");

    /// <summary>FUNCTION DUMP: all functions, in a form that <see cref="FunctionRestore"/> takes.</summary>
    public static RedisCommand<byte[]> FunctionDump { get; } = new(reply => Replies.Bytes(reply).ToArray(), "FUNCTION", "DUMP");

    /// <summary>FUNCTION LIST: how many libraries there are.</summary>
    public static RedisCommand<int> FunctionLibraryCount { get; } = new(reply => reply.Items.Length, "FUNCTION", "LIST");

    /// <summary>INFO, of the given sections or of the usual ones; several at a time since Redis 7.0.</summary>
    public static RedisCommand<RedisInfo> Info(params string[] sections) => new(RedisInfo.Read, ["INFO", .. Arguments(sections)]);

    /// <summary>CONFIG GET: the directives that match any of the patterns, by name; several patterns since Redis 7.0.</summary>
    public static RedisCommand<IReadOnlyDictionary<string, string>> ConfigGet(params string[] patterns) =>
        new(Replies.Map, ["CONFIG", "GET", .. Arguments(patterns)]);

    /// <summary>CONFIG SET of one directive.</summary>
    public static RedisCommand<string> ConfigSet(string directive, string value) => new(Replies.Done, "CONFIG", "SET", directive, value);

    /// <summary>CONFIG SET of several directives, all or none (Redis 7.0).</summary>
    public static RedisCommand<string> ConfigSet(IEnumerable<KeyValuePair<string, string>> directives) =>
        new(Replies.Done, ["CONFIG", "SET", .. Arguments(directives.SelectMany(directive => new[] { directive.Key, directive.Value }))]);

    /// <summary>FUNCTION RESTORE: adds the functions of a dump; refused if a library of the same name is there.</summary>
    public static RedisCommand<string> FunctionRestore(byte[] dump) => new(Replies.Done, "FUNCTION", "RESTORE", dump);

    /// <summary>MEMORY USAGE: an estimate of what a key takes, in bytes; null if there is no such key.</summary>
    public static RedisCommand MemoryUsage(byte[] key) => new("MEMORY", "USAGE", key);

    /// <summary>MIGRATE: sends keys of one slot to another server and deletes them here; both servers stand still meanwhile. <c>NOKEY</c> if none is there.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="timeout">How long the other server may take for each of its answers; at least 1 ms.</param>
    /// <param name="isReplacing">Whether keys of these names at the target are overwritten.</param>
    /// <param name="credentials">Whom to be at the target; null for nobody.</param>
    /// <param name="keys">The keys; at least one.</param>
    public static RedisCommand Migrate(RedisEndpoint target, TimeSpan timeout, bool isReplacing, RedisCredentials? credentials, IEnumerable<byte[]> keys)
    {
        List<RedisArgument> arguments = ["MIGRATE", target.Host, target.Port, "", 0, Math.Max(1, (long)timeout.TotalMilliseconds)];
        if (isReplacing)
        {
            arguments.Add("REPLACE");
        }

        if (credentials is not null)
        {
            arguments.AddRange(["AUTH2", credentials.User, credentials.Password]);
        }

        arguments.Add("KEYS");
        arguments.AddRange(keys.Select(key => (RedisArgument)key));
        return new RedisCommand(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(arguments));
    }

    static RedisArgument[] Arguments(IEnumerable<string> texts) => [.. texts.Select(text => (RedisArgument)text)];
}
