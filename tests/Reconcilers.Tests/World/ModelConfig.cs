using System.Globalization;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>The directives of a server, as far as tests speak of them: what they are by default, which are live, and what they refuse, in Redis' words.</summary>
sealed class ModelConfig
{
    static readonly SortedDictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["aclfile"] = "",
        ["appendfsync"] = "everysec",
        ["appendonly"] = "no",
        ["bind"] = "* -::*",
        ["client-output-buffer-limit"] = "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
        ["cluster-allow-reads-when-down"] = "no",
        ["cluster-allow-replica-migration"] = "yes",
        ["cluster-config-file"] = "nodes.conf",
        ["cluster-enabled"] = "no",
        ["cluster-node-timeout"] = "15000",
        ["cluster-port"] = "0",
        ["cluster-replica-validity-factor"] = "10",
        ["cluster-require-full-coverage"] = "yes",
        ["databases"] = "16",
        ["dir"] = ".",
        ["hz"] = "10",
        ["io-threads"] = "1",
        ["masteruser"] = "",
        ["maxmemory"] = "0",
        ["maxmemory-policy"] = "noeviction",
        ["maxmemory-samples"] = "5",
        ["min-replicas-to-write"] = "0",
        ["port"] = "6379",
        ["proc-title-template"] = "{title} {listen-addr} {server-mode}",
        ["protected-mode"] = "yes",
        ["repl-backlog-size"] = "1048576",
        ["repl-diskless-sync-delay"] = "5",
        ["save"] = "3600 1 300 100 60 10000",
        ["shutdown-timeout"] = "10",
    };

    static readonly SortedSet<string> Fixed = new(StringComparer.Ordinal) { "cluster-enabled", "cluster-port", "cluster-config-file", "databases", "io-threads", "aclfile" };

    static readonly SortedSet<string> Numbers = new(StringComparer.Ordinal) { "databases", "hz", "io-threads", "maxmemory-samples", "cluster-node-timeout", "shutdown-timeout" };

    static readonly SortedSet<string> Amounts = new(StringComparer.Ordinal) { "maxmemory", "repl-backlog-size" };

    readonly SortedDictionary<string, string> _values = new(Defaults, StringComparer.Ordinal);

    public string this[string name]
    {
        get => _values[name];
        set => _values[name] = value;
    }

    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>A start with a file; null, or why the server ends.</summary>
    public string? Load(string text)
    {
        _values.Clear();
        foreach (var (name, value) in Defaults)
        {
            _values[name] = value;
        }

        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var parts = line.Split(' ', 2);
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (Refuse(parts[0], Value(parts)) is { } refusal)
            {
                return string.Create(CultureInfo.InvariantCulture, $"*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\nReading the configuration file, at line {number}\n>>> '{line}'\n{refusal}");
            }

            _values[parts[0]] = Repeat(parts[0], Value(parts));
        }

        return null;
    }

    /// <summary>CONFIG SET: all or none; null, or the error.</summary>
    public string? Set(IReadOnlyList<(string Name, string Value)> values)
    {
        foreach (var (name, value) in values)
        {
            if (!Defaults.ContainsKey(name))
            {
                return $"ERR Unknown option or number of arguments for CONFIG SET - '{name}'";
            }

            if (Fixed.Contains(name))
            {
                return $"ERR CONFIG SET failed (possibly related to argument '{name}') - can't set immutable config";
            }

            if (Refuse(name, value) is { } refusal)
            {
                return $"ERR CONFIG SET failed (possibly related to argument '{name}') - {refusal}";
            }
        }

        foreach (var (name, value) in values)
        {
            _values[name] = Repeat(name, value);
        }

        return null;
    }

    static string Value(string[] parts) => parts.Length > 1 ? parts[1].Trim('"') : "";

    static string? Refuse(string name, string value) =>
        !Defaults.ContainsKey(name) ? "Bad directive or wrong number of arguments"
        : Numbers.Contains(name) && !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? "argument couldn't be parsed into an integer"
        : name == "maxmemory-policy" && !value.Contains('-', StringComparison.Ordinal) && value != "noeviction" ? "argument(s) must be one of the following: volatile-lru, allkeys-lru, noeviction"
        : null;

    /// <summary>How CONFIG GET says it.</summary>
    static string Repeat(string name, string value)
    {
        if (name == "client-output-buffer-limit")
        {
            return value == "replica 512mb 64mb 60" ? "normal 0 0 0 slave 536870912 67108864 60 pubsub 33554432 8388608 60" : value;
        }

        return Amounts.Contains(name) && value.EndsWith("mb", StringComparison.Ordinal)
            ? (long.Parse(value[..^2], CultureInfo.InvariantCulture) << 20).ToString(CultureInfo.InvariantCulture)
            : value;
    }
}
