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

    static RedisArgument[] Arguments(IEnumerable<string> texts) => [.. texts.Select(text => (RedisArgument)text)];
}
