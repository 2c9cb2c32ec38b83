using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities.Crd;

/// <summary>The CustomResourceDefinition of <see cref="RedisCluster"/>, made from the C# types.</summary>
public static class RedisClusterCrd
{
    /// <summary>The definition as YAML, the same on every machine.</summary>
    /// <exception cref="FileNotFoundException">The assemblies' documentation files do not stand beside the program.</exception>
    public static string Render() => KubernetesYaml.Write(Build());

    static JsonObject Build()
    {
        var kind = KubernetesKind.Of<RedisCluster>();
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{kind.Plural}.{kind.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = kind.Group,
                ["names"] = new JsonObject
                {
                    ["kind"] = kind.Kind,
                    ["listKind"] = $"{kind.Kind}List",
                    ["plural"] = kind.Plural,
                    ["singular"] = "rediscluster",
                    ["shortNames"] = new JsonArray("rdc"),
                    ["categories"] = new JsonArray("all"),
                },
                ["scope"] = "Namespaced",
                ["versions"] = new JsonArray(new JsonObject
                {
                    ["name"] = kind.Version,
                    ["served"] = true,
                    ["storage"] = true,
                    ["subresources"] = new JsonObject
                    {
                        ["status"] = new JsonObject(),
                        ["scale"] = new JsonObject
                        {
                            ["specReplicasPath"] = ".spec.shards",
                            ["statusReplicasPath"] = ".status.shardCount",
                            ["labelSelectorPath"] = ".status.selector",
                        },
                    },
                    ["additionalPrinterColumns"] = new JsonArray(
                        Column("Status", "string", ".status.conditions[?(@.type==\"Ready\")].reason"),
                        Column("Stalled", "string", ".status.conditions[?(@.type==\"Stalled\")].status"),
                        Column("Shards", "integer", ".spec.shards"),
                        Column("Replicas", "integer", ".spec.replicasPerShard"),
                        Column("Ready", "string", ".status.ready"),
                        Column("Slots", "string", ".status.slots"),
                        Column("Image", "string", ".spec.image"),
                        Column("Age", "date", ".metadata.creationTimestamp")),
                    ["schema"] = new JsonObject { ["openAPIV3Schema"] = Schema() },
                }),
            },
        };
    }

    static JsonObject Schema()
    {
        var descriptions = Descriptions.Read(typeof(RedisCluster).Assembly, typeof(V1ObjectMeta).Assembly);
        var builder = new SchemaBuilder(descriptions);
        var schema = new JsonObject
        {
            ["description"] = descriptions.Of(typeof(RedisCluster)),
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["description"] = "The version of the schema that the object is written in.", ["type"] = "string" },
                ["kind"] = new JsonObject { ["description"] = "The kind of the object.", ["type"] = "string" },
                ["metadata"] = new JsonObject { ["type"] = "object" },
                ["spec"] = builder.BuildObject(typeof(RedisClusterSpec), "spec", descriptions.Of(typeof(RedisClusterSpec)), withDefaults: true),
                ["status"] = builder.BuildObject(typeof(RedisClusterStatus), "status", descriptions.Of(typeof(RedisClusterStatus)), withDefaults: false),
            },
            ["required"] = new JsonArray("spec"),
        };
        SchemaBuilder.AddRules(schema, "");
        return schema;
    }

    static JsonObject Column(string name, string type, string path) => new() { ["name"] = name, ["type"] = type, ["jsonPath"] = path };
}
