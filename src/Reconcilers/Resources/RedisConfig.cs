using System.Globalization;
using System.Text;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The part of redis.conf that all servers of a cluster share; the start script adds what differs between pods.</summary>
public static class RedisConfig
{
    public const string DataDirectory = "/data";
    public const string ConfigDirectory = "/etc/slotwise/config";
    public const string CredentialsDirectory = "/etc/slotwise/credentials";
    public const string PodDirectory = "/etc/slotwise/pod";
    public const string RunDirectory = "/run/slotwise";

    /// <summary>
    /// Seconds that a master waits at shutdown for its replicas to catch up; the time in which a handover must be done.
    /// </summary>
    const int HandoverSeconds = 15;

    const string OwnedHeading = "# Owned by the operator.";

    const long DefaultNodeTimeout = 15000;
    const long MinBacklog = 8L << 20;
    const long MaxBacklog = 256L << 20;
    const long BacklogWithoutLimit = 32L << 20;

    /// <summary>The directives that the servers shall have: defaults, and over them what the user chose.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="memory">What each server may use, in bytes; null for no limit.</param>
    public static SortedDictionary<string, string> Directives(RedisCluster cluster, decimal? memory)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var directives = Defaults(cluster, memory);
        foreach (var (name, value) in cluster.Spec.Config)
        {
            directives[name.ToLowerInvariant()] = value.ToString();
        }

        return directives;
    }

    /// <summary>The text of the file: these directives, then what the operator owns, as the last of two equal ones wins.</summary>
    public static string Render(RedisCluster cluster, IReadOnlyDictionary<string, string> directives)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(directives);
        var text = new StringBuilder();
        text.Append("# Written by Slotwise from the RedisCluster; a change made here is overwritten.\n");
        foreach (var (name, value) in directives.OrderBy(directive => directive.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{OwnedHeading}\n");
        foreach (var (name, value) in Owned(cluster))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        }

        return text.ToString();
    }

    /// <summary>The directives of a file that <see cref="Render"/> wrote, without those that the operator owns.</summary>
    public static SortedDictionary<string, string> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var directives = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').TakeWhile(line => line != OwnedHeading).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var parts = line.Split(' ', 2);
            directives[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }

        return directives;
    }

    /// <summary>The value of maxmemory in bytes that follows from what a server may use; null where there is no limit.</summary>
    public static long? MaxMemory(RedisClusterSpec spec, decimal? memory)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return memory is { } limit ? (long)(limit * spec.EffectiveMaxMemoryPercent / 100) : null;
    }

    /// <summary>The memory limit of each server, in bytes, as the spec has it.</summary>
    public static decimal? MemoryLimit(V1ResourceRequirements? resources) =>
        resources?.Limits is { } limits && limits.TryGetValue("memory", out var limit) ? limit.Amount : null;

    /// <summary>cluster-node-timeout: after how long a silent node is taken for failed.</summary>
    public static TimeSpan NodeTimeout(RedisClusterSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var given = spec.Config.Where(directive => directive.Key.Equals("cluster-node-timeout", StringComparison.OrdinalIgnoreCase)).Select(directive => directive.Value.ToString());
        return TimeSpan.FromMilliseconds(long.TryParse(given.LastOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : DefaultNodeTimeout);
    }

    static SortedDictionary<string, string> Defaults(RedisCluster cluster, decimal? memory)
    {
        var persistent = cluster.Spec.Storage is not null;
        var maxMemory = MaxMemory(cluster.Spec, memory);
        var backlog = maxMemory is { } bytes ? Math.Clamp(bytes / 32, MinBacklog, MaxBacklog) : BacklogWithoutLimit;
        return new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["appendfsync"] = "everysec",
            ["appendonly"] = persistent ? "yes" : "no",
            ["cluster-allow-reads-when-down"] = "no",
            ["cluster-node-timeout"] = DefaultNodeTimeout.ToString(CultureInfo.InvariantCulture),
            ["cluster-replica-validity-factor"] = "10",

            // One lost shard must not stop the others: a deliberate departure from the server's default.
            ["cluster-require-full-coverage"] = "no",
            ["maxmemory"] = (maxMemory ?? 0).ToString(CultureInfo.InvariantCulture),
            ["min-replicas-to-write"] = "0",

            // Long enough that the replica of a restarted pod catches up from the backlog instead of copying everything.
            ["repl-backlog-size"] = backlog.ToString(CultureInfo.InvariantCulture),

            // The server waits 5 s by default for more replicas before it starts a copy; here they never come together.
            ["repl-diskless-sync-delay"] = "0",
            ["save"] = "\"\"",
            ["shutdown-timeout"] = HandoverSeconds.ToString(CultureInfo.InvariantCulture),
        };
    }

    static (string Name, string Value)[] Owned(RedisCluster cluster) =>
    [
        ("bind", "* -::*"),
        ("port", ClusterPorts.Data.ToString(CultureInfo.InvariantCulture)),
        ("protected-mode", "no"),
        ("dir", DataDirectory),
        ("aclfile", $"{CredentialsDirectory}/{Credentials.AclFileKey}"),
        ("masteruser", Credentials.ReplicationUser),
        ("cluster-enabled", "yes"),

        // Explicit, because 0 follows tls-cluster in what is announced while the listener stays where it was.
        ("cluster-port", ClusterPorts.Bus(NamespacedName.Of(cluster)).ToString(CultureInfo.InvariantCulture)),
        ("cluster-config-file", "nodes.conf"),

        // Replicas stay with their shard: an emptied master must not turn into a replica by itself.
        ("cluster-allow-replica-migration", "no"),
    ];
}
