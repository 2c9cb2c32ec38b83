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

    const long DefaultNodeTimeout = 15000;
    const long MinBacklog = 8L << 20;
    const long MaxBacklog = 256L << 20;
    const long BacklogWithoutLimit = 32L << 20;

    /// <summary>The text of the file: defaults, then what the user chose, then what the operator owns, as the last of two equal directives wins.</summary>
    public static string Build(RedisCluster cluster)
    {
        var text = new StringBuilder();
        text.Append("# Written by Slotwise from the RedisCluster; a change made here is overwritten.\n");

        var directives = Defaults(cluster);
        foreach (var (name, value) in cluster.Spec.Config)
        {
            directives[name.ToLowerInvariant()] = value.ToString();
        }

        foreach (var (name, value) in directives)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        }

        text.Append("\n# Owned by the operator.\n");
        foreach (var (name, value) in Owned(cluster))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        }

        return text.ToString();
    }

    /// <summary>The value of maxmemory in bytes that follows from the memory limit; null where there is no limit.</summary>
    public static long? MaxMemory(RedisClusterSpec spec)
    {
        var limits = spec.Resources.Limits;
        return limits is not null && limits.TryGetValue("memory", out var limit)
            ? (long)(limit.Amount * spec.EffectiveMaxMemoryPercent / 100)
            : null;
    }

    /// <summary>cluster-node-timeout: after how long a silent node is taken for failed.</summary>
    public static TimeSpan NodeTimeout(RedisClusterSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var given = spec.Config.Where(directive => directive.Key.Equals("cluster-node-timeout", StringComparison.OrdinalIgnoreCase)).Select(directive => directive.Value.ToString());
        return TimeSpan.FromMilliseconds(long.TryParse(given.LastOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : DefaultNodeTimeout);
    }

    static SortedDictionary<string, string> Defaults(RedisCluster cluster)
    {
        var persistent = cluster.Spec.Storage is not null;
        var maxMemory = MaxMemory(cluster.Spec);
        var backlog = maxMemory is { } bytes ? Math.Clamp(bytes / 32, MinBacklog, MaxBacklog) : BacklogWithoutLimit;
        var directives = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["appendfsync"] = "everysec",
            ["appendonly"] = persistent ? "yes" : "no",
            ["cluster-allow-reads-when-down"] = "no",
            ["cluster-node-timeout"] = DefaultNodeTimeout.ToString(CultureInfo.InvariantCulture),
            ["cluster-replica-validity-factor"] = "10",

            // One lost shard must not stop the others: a deliberate departure from the server's default.
            ["cluster-require-full-coverage"] = "no",
            ["min-replicas-to-write"] = "0",

            // Long enough that the replica of a restarted pod catches up from the backlog instead of copying everything.
            ["repl-backlog-size"] = backlog.ToString(CultureInfo.InvariantCulture),

            // The server waits 5 s by default for more replicas before it starts a copy; here they never come together.
            ["repl-diskless-sync-delay"] = "0",
            ["save"] = "\"\"",
            ["shutdown-timeout"] = HandoverSeconds.ToString(CultureInfo.InvariantCulture),
        };
        if (maxMemory is { } limit)
        {
            directives["maxmemory"] = limit.ToString(CultureInfo.InvariantCulture);
        }

        return directives;
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
