using System.Collections.Frozen;

namespace Slotwise.Entities.Validation;

/// <summary>
/// The directives of redis.conf that the operator sets, or that would take the server out of its hands. Aliases with <c>slave</c> are refused by a rule
/// of their own; those with <c>primary</c> are Valkey's names.
/// </summary>
public static class OwnedDirectives
{
    static readonly string[] Prefixes = ["tls-", "cluster-announce-", "replica-announce-"];

    static readonly string[] Names =
    [
        "aclfile",
        "appenddirname",
        "appendfilename",
        "bind",
        "cluster-allow-replica-migration",
        "cluster-config-file",
        "cluster-enabled",
        "cluster-port",
        "cluster-replica-no-failover",
        "daemonize",
        "dbfilename",
        "dir",
        "include",
        "loadmodule",
        "logfile",
        "masterauth",
        "masteruser",
        "pidfile",
        "port",
        "primaryauth",
        "primaryuser",
        "proc-title-template",
        "protected-mode",
        "rename-command",
        "replicaof",
        "requirepass",
        "supervised",
        "unixsocket",
        "unixsocketperm",
        "user",
    ];

    static readonly FrozenSet<string> Set = Names.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The same as <see cref="Contains"/> in CEL, about the variable <c>k</c>.</summary>
    public static string Cel { get; } =
        $"k in [{string.Join(", ", Names.Select(name => $"'{name}'"))}] || {string.Join(" || ", Prefixes.Select(prefix => $"k.startsWith('{prefix}')"))}";

    /// <summary>All of them, for people.</summary>
    public static string Text { get; } = string.Join(", ", Names.Concat(Prefixes.Select(prefix => $"{prefix}*")));

    /// <param name="directive">In lower case.</param>
    public static bool Contains(string directive) =>
        Set.Contains(directive) || Prefixes.Any(prefix => directive.StartsWith(prefix, StringComparison.Ordinal));
}
