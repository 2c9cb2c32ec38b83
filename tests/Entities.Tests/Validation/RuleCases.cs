using System.Text.Json;

namespace Slotwise.Entities.Tests.Validation;

/// <summary>Resources that break exactly one rule each, and some at the edge that break none.</summary>
static class RuleCases
{
    /// <summary>The rule's id, the resource's name, what its spec has beside shards and image, and the field at fault.</summary>
    public static IReadOnlyList<(string Rule, string Name, string Spec, string Field)> Broken { get; } =
    [
        ("name-length", new string('a', 41), "{}", "metadata.name"),
        ("name-dns", "7orders", "{}", "metadata.name"),
        ("name-dns", "orders.eu", "{}", "metadata.name"),
        ("name-dns", "orders-", "{}", "metadata.name"),
        ("name-dns", "Orders", "{}", "metadata.name"),
        ("node-limit", "orders", """{"shards":500,"replicasPerShard":2}""", "spec.shards"),
        ("node-limit", "orders", """{"shards":167,"replicasPerShard":5}""", "spec.shards"),
        ("min-replicas", "orders", """{"config":{"min-replicas-to-write":1}}""", "spec.config.min-replicas-to-write"),
        ("min-replicas", "orders", """{"replicasPerShard":2,"config":{"min-replicas-to-write":"2"}}""", "spec.config.min-replicas-to-write"),
        ("min-replicas", "orders", """{"replicasPerShard":2,"config":{"min-replicas-to-write":"one"}}""", "spec.config.min-replicas-to-write"),
        ("min-replicas", "orders", """{"replicasPerShard":2,"config":{"min-replicas-to-write":-1}}""", "spec.config.min-replicas-to-write"),
        ("directive-name", "orders", """{"config":{"Maxmemory-Policy":"noeviction"}}""", "spec.config.Maxmemory-Policy"),
        ("directive-name", "orders", """{"config":{"hz 10\nport":"1"}}""", "spec.config.hz 10\nport"),
        ("directive-name", "orders", """{"config":{"hz\n":10}}""", "spec.config.hz\n"),
        ("directive-owned", "orders", """{"config":{"port":7000}}""", "spec.config.port"),
        ("directive-owned", "orders", """{"config":{"tls-port":7000}}""", "spec.config.tls-port"),
        ("directive-owned", "orders", """{"config":{"cluster-enabled":"no"}}""", "spec.config.cluster-enabled"),
        ("directive-owned", "orders", """{"config":{"cluster-port":7000}}""", "spec.config.cluster-port"),
        ("directive-owned", "orders", """{"config":{"cluster-announce-ip":"10.0.0.1"}}""", "spec.config.cluster-announce-ip"),
        ("directive-owned", "orders", """{"config":{"cluster-config-file":"x"}}""", "spec.config.cluster-config-file"),
        ("directive-owned", "orders", """{"config":{"cluster-allow-replica-migration":"yes"}}""", "spec.config.cluster-allow-replica-migration"),
        ("directive-owned", "orders", """{"config":{"dir":"/"}}""", "spec.config.dir"),
        ("directive-owned", "orders", """{"config":{"aclfile":"x"}}""", "spec.config.aclfile"),
        ("directive-owned", "orders", """{"config":{"user":"x on"}}""", "spec.config.user"),
        ("directive-owned", "orders", """{"config":{"masteruser":"x"}}""", "spec.config.masteruser"),
        ("directive-owned", "orders", """{"config":{"masterauth":"x"}}""", "spec.config.masterauth"),
        ("directive-owned", "orders", """{"config":{"primaryauth":"x"}}""", "spec.config.primaryauth"),
        ("directive-owned", "orders", """{"config":{"requirepass":"x"}}""", "spec.config.requirepass"),
        ("directive-owned", "orders", """{"config":{"protected-mode":"yes"}}""", "spec.config.protected-mode"),
        ("directive-owned", "orders", """{"config":{"rename-command":"x y"}}""", "spec.config.rename-command"),
        ("directive-owned", "orders", """{"config":{"include":"x"}}""", "spec.config.include"),
        ("directive-owned", "orders", """{"config":{"loadmodule":"x"}}""", "spec.config.loadmodule"),
        ("directive-owned", "orders", """{"config":{"replicaof":"x 1"}}""", "spec.config.replicaof"),
        ("directive-alias", "orders", """{"config":{"slaveof":"x 1"}}""", "spec.config.slaveof"),
        ("directive-alias", "orders", """{"config":{"min-slaves-to-write":1}}""", "spec.config.min-slaves-to-write"),
        ("directive-alias", "orders", """{"config":{"cluster-slave-validity-factor":0}}""", "spec.config.cluster-slave-validity-factor"),
        ("node-timeout", "orders", """{"config":{"cluster-node-timeout":1999}}""", "spec.config.cluster-node-timeout"),
        ("node-timeout", "orders", """{"config":{"cluster-node-timeout":"60001"}}""", "spec.config.cluster-node-timeout"),
        ("node-timeout", "orders", """{"config":{"cluster-node-timeout":"15s"}}""", "spec.config.cluster-node-timeout"),
        ("validity-factor", "orders", """{"config":{"cluster-replica-validity-factor":0}}""", "spec.config.cluster-replica-validity-factor"),
        ("reserved-auth", "orders", """{"auth":{"enabled":true}}""", "spec.auth"),
        ("reserved-users", "orders", """{"users":[{"name":"app"}]}""", "spec.users"),
        ("reserved-tls", "orders", """{"tls":{"secretName":"x"}}""", "spec.tls"),
        ("reserved-metrics", "orders", """{"metrics":{"enabled":true}}""", "spec.metrics"),
        ("reserved-access", "orders", """{"access":{"type":"NodePort"}}""", "spec.access"),
    ];

    public static IReadOnlyList<(string Name, string Spec)> Sound { get; } =
    [
        ("orders", "{}"),
        (new string('a', 40), "{}"),
        ("a", "{}"),
        ("orders-7-eu", "{}"),
        ("orders", """{"shards":500,"replicasPerShard":1}"""),
        ("orders", """{"shards":166,"replicasPerShard":5}"""),
        ("orders", """{"replicasPerShard":0,"config":{"min-replicas-to-write":0}}"""),
        ("orders", """{"replicasPerShard":5,"config":{"min-replicas-to-write":"4"}}"""),
        ("orders", """{"config":{"cluster-node-timeout":2000,"cluster-replica-validity-factor":1}}"""),
        ("orders", """{"config":{"cluster-node-timeout":"60000","cluster-replica-validity-factor":"10"}}"""),
        ("orders", """{"config":{"save":"","client-output-buffer-limit":"replica 0 0 0","maxmemory":"1gb","import-mode":"no","portability":1}}"""),
        ("orders", """{"auth":{"enabled":false},"users":[],"metrics":{"enabled":false},"access":{"type":"Internal"}}"""),
    ];

    public static RedisCluster Resource(string name, string spec)
    {
        var fields = JsonSerializer.Deserialize<SortedDictionary<string, JsonElement>>(spec)!;
        fields.TryAdd("shards", JsonSerializer.SerializeToElement(3));
        fields.TryAdd("image", JsonSerializer.SerializeToElement("redis:7.0"));
        var text = JsonSerializer.Serialize(new { metadata = new { name }, spec = fields });
        return JsonSerializer.Deserialize(text, RedisCluster.JsonTypeInfo)!;
    }
}
