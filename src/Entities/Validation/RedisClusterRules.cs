using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities.Validation;

/// <summary>The rules between fields of a RedisCluster. Ranges of single fields stand at the fields.</summary>
public static partial class RedisClusterRules
{
    /// <summary>Leaves room for the index of a shard, the ordinal of a pod and the hash of a revision in the 63 characters of a label.</summary>
    const int MaxNameLength = 40;

    const int MaxNodes = 1000;

    /// <summary>Every rule, in the order in which they stand in the schema.</summary>
    public static IReadOnlyList<ValidationRule> All { get; } = [.. Identity(), .. Size(), .. Storage(), .. Config(), .. Reserved()];

    static IEnumerable<ValidationRule> Identity() =>
    [
        new()
        {
            Id = "name-length",
            Path = "",
            Cel = $"self.metadata.name.size() <= {MaxNameLength}",
            Message = $"metadata.name must have at most {MaxNameLength} characters, because the names and labels of pods are made from it: choose a shorter name",
            Check = cluster => When(Name(cluster).Length > MaxNameLength, "metadata.name", Name(cluster)),
        },
        new()
        {
            Id = "name-dns",
            Path = "",
            Cel = $"self.metadata.name.matches('{ServiceNamePattern}')",
            Message = "metadata.name must begin with a letter and hold only lower-case letters, digits and inner hyphens, because Services are named by it: choose such a name",
            Check = cluster => When(!ServiceName().IsMatch(Name(cluster)), "metadata.name", Name(cluster)),
        },
    ];

    static IEnumerable<ValidationRule> Size() =>
    [
        new()
        {
            Id = "node-limit",
            Path = "spec",
            Cel = $"self.shards * (1 + self.replicasPerShard) <= {MaxNodes}",
            Message = $"shards x (1 + replicasPerShard) must not exceed {MaxNodes}, the size up to which the gossip of Redis Cluster is sound: ask for fewer shards or replicas",
            FieldPath = ".shards",
            Check = cluster => When((long)cluster.Spec.Shards * cluster.Spec.NodesPerShard > MaxNodes, "spec.shards", $"{cluster.Spec.Shards}"),
        },
        new()
        {
            Id = "min-replicas",
            Path = "spec",
            Cel = "!has(self.config) || !('min-replicas-to-write' in self.config) || string(self.config['min-replicas-to-write']) == '0' || "
                + "(string(self.config['min-replicas-to-write']).matches('^[1-5]$') && int(string(self.config['min-replicas-to-write'])) < self.replicasPerShard)",
            Message = "config.min-replicas-to-write must be 0 or less than replicasPerShard, else a shard that loses one replica refuses every write: lower it or add replicas",
            FieldPath = ".config",
            Check = cluster => Directive(cluster, "min-replicas-to-write", text =>
                text == "0" || (text is [>= '1' and <= '5'] && text[0] - '0' < cluster.Spec.ReplicasPerShard)),
        },
    ];

    static IEnumerable<ValidationRule> Reserved() =>
    [
        ReservedField("auth", "has(self.auth) && self.auth.enabled", spec => spec.Auth is { Enabled: true }),
        ReservedField("users", "has(self.users) && size(self.users) > 0", spec => spec.Users.Count > 0),
        ReservedField("tls", "has(self.tls)", spec => spec.Tls is not null),
        ReservedField("metrics", "has(self.metrics) && self.metrics.enabled", spec => spec.Metrics is { Enabled: true }),
        ReservedField("access", "has(self.access) && self.access.type != 'Internal'", spec => spec.Access is { Type: not AccessType.Internal }),
    ];

    /// <summary>A field whose shape is decided but which nothing carries out yet. Accepting it would let a user believe in a protection that is not there.</summary>
    static ValidationRule ReservedField(string field, string used, Func<RedisClusterSpec, bool> isUsed) => new()
    {
        Id = $"reserved-{field}",
        Path = "spec",
        Cel = $"!({used})",
        Message = $"{field} is reserved and not carried out by this release: remove it",
        FieldPath = $".{field}",
        Check = cluster => When(isUsed(cluster.Spec), $"spec.{field}", "set"),
    };

    static string Name(RedisCluster cluster) => cluster.Metadata.Name ?? "";

    static Violation[] When(bool broken, string field, string value) => broken ? [new Violation(field, value)] : [];

    static Violation[] Directive(RedisCluster cluster, string name, Func<string, bool> isAllowed) =>
        cluster.Spec.Config.TryGetValue(name, out IntOrString value) && !isAllowed(value.ToString()) ? [new Violation($"spec.config.{name}", value.ToString())] : [];
}
