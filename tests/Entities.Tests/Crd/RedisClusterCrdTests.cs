using System.Text;
using System.Text.Json.Nodes;
using Slotwise.Entities.Crd;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Entities.Tests.Crd;

public sealed class RedisClusterCrdTests
{
    static readonly JsonObject Definition = KubernetesYaml.Read(RedisClusterCrd.Render())!.AsObject();

    static readonly JsonNode Version = Definition["spec"]!["versions"]![0]!;

    static readonly JsonNode Schema = Version["schema"]!["openAPIV3Schema"]!;

    public static TheoryData<string, string, string> Details => new()
    {
        { "spec.shards", "minimum", "1" },
        { "spec.shards", "maximum", "500" },
        { "spec.shards", "type", "integer" },
        { "spec.replicasPerShard", "minimum", "0" },
        { "spec.replicasPerShard", "maximum", "5" },
        { "spec.replicasPerShard", "default", "1" },
        { "spec.image", "minLength", "1" },
        { "spec.imagePullPolicy", "enum", "[Always,IfNotPresent,Never]" },
        { "spec.imagePullSecrets", "x-kubernetes-list-type", "map" },
        { "spec.imagePullSecrets", "x-kubernetes-list-map-keys", "[name]" },
        { "spec.paused", "default", "false" },
        { "spec.storage", "required", "[size]" },
        { "spec.storage.size", "x-kubernetes-int-or-string", "true" },
        { "spec.storage.whenDeleted", "enum", "[Retain,Delete]" },
        { "spec.storage.whenDeleted", "default", "Retain" },
        { "spec.storage.whenScaled", "default", "Retain" },
        { "spec.config", "maxProperties", "128" },
        { "spec.config.additionalProperties", "maxLength", "1024" },
        { "spec.config.additionalProperties", "x-kubernetes-int-or-string", "true" },
        { "spec.maxMemoryPercent", "minimum", "1" },
        { "spec.maxMemoryPercent", "maximum", "95" },
        { "spec.terminationGracePeriodSeconds", "default", "90" },
        { "spec.terminationGracePeriodSeconds", "minimum", "10" },
        { "spec.terminationGracePeriodSeconds", "maximum", "3600" },
        { "spec.scheduling.hosts", "enum", "[Preferred,Required,None]" },
        { "spec.scheduling.hosts", "default", "Preferred" },
        { "spec.scheduling.zones", "default", "Preferred" },
        { "spec.scheduling.respread", "default", "true" },
        { "spec.podTemplate", "x-kubernetes-preserve-unknown-fields", "true" },
        { "spec.rebalance.mode", "enum", "[Auto,Manual]" },
        { "spec.rebalance.mode", "default", "Auto" },
        { "spec.rebalance.maxParallelMoves", "default", "4" },
        { "spec.rebalance.tolerancePercent", "default", "2" },
        { "spec.update.maxParallelShards", "minimum", "1" },
        { "spec.update.maxParallelShards", "default", "1" },
        { "spec.update.paused", "default", "false" },
        { "spec.recovery.quorumLoss", "default", "Auto" },
        { "spec.recovery.lostSlots", "enum", "[Manual,Reassign]" },
        { "spec.recovery.lostSlots", "default", "Manual" },
        { "spec.auth.passwordSecret.key", "default", "password" },
        { "spec.users", "x-kubernetes-list-map-keys", "[name]" },
        { "spec.tls.mode", "enum", "[Required,Optional]" },
        { "spec.access.type", "default", "Internal" },
        { "status.conditions", "x-kubernetes-list-map-keys", "[type]" },
        { "status.shards", "x-kubernetes-list-map-keys", "[index]" },
        { "status.operation.startTime", "format", "date-time" },
        { "spec", "required", "[shards,image]" },
    };

    [Fact]
    public void The_file_in_config_is_what_the_types_say() =>
        Assert.True(
            Repository.Read("config/crd/redisclusters.redis.slotwise.dev.yaml") == RedisClusterCrd.Render(),
            "config/crd differs from the C# types: run make manifests");

    [Fact]
    public void It_stays_below_what_an_object_may_weigh() => Assert.InRange(Encoding.UTF8.GetByteCount(RedisClusterCrd.Render()), 1, 200_000);

    [Fact]
    public void It_is_rendered_the_same_twice() => Assert.Equal(RedisClusterCrd.Render(), RedisClusterCrd.Render());

    [Theory]
    [MemberData(nameof(Details))]
    public void A_field_has_its_limits_and_defaults(string path, string keyword, string expected) => Assert.Equal(expected, Shown(Field(path)[keyword]));

    [Fact]
    public void Every_field_is_described()
    {
        var silent = SchemaWalk.Fields(Schema)
            .Where(field => field.Path is not "metadata" && string.IsNullOrWhiteSpace((string?)field.Schema["description"]))
            .Select(field => field.Path);

        Assert.Empty(silent);
    }

    [Fact]
    public void Every_schema_has_a_type_so_that_it_is_structural()
    {
        var untyped = SchemaWalk.All(Schema).Where(node => node.Schema["type"] is null && (bool?)node.Schema["x-kubernetes-int-or-string"] != true).Select(node => node.Path);

        Assert.Empty(untyped);
    }

    [Fact]
    public void Keys_of_list_maps_are_always_there()
    {
        foreach (var (path, schema) in SchemaWalk.All(Schema).Where(node => node.Schema["x-kubernetes-list-map-keys"] is not null))
        {
            foreach (var key in schema["x-kubernetes-list-map-keys"]!.AsArray().Select(key => (string)key!))
            {
                var isRequired = schema["items"]!["required"]?.AsArray().Any(name => (string)name! == key) == true;
                Assert.True(isRequired || schema["items"]!["properties"]![key]!["default"] is not null, $"{path}: key {key} may be absent");
            }
        }
    }

    [Fact]
    public void A_status_has_no_defaults_because_nobody_observed_them() =>
        Assert.DoesNotContain(SchemaWalk.All(Schema["properties"]!["status"]!), node => node.Schema["default"] is not null);

    [Theory]
    [InlineData("Status", "string", ".status.conditions[?(@.type==\"Ready\")].reason")]
    [InlineData("Stalled", "string", ".status.conditions[?(@.type==\"Stalled\")].status")]
    [InlineData("Shards", "integer", ".spec.shards")]
    [InlineData("Replicas", "integer", ".spec.replicasPerShard")]
    [InlineData("Ready", "string", ".status.ready")]
    [InlineData("Slots", "string", ".status.slots")]
    [InlineData("Image", "string", ".spec.image")]
    [InlineData("Age", "date", ".metadata.creationTimestamp")]
    public void Kubectl_get_shows_a_column(string name, string type, string path) =>
        Assert.Contains(
            Version["additionalPrinterColumns"]!.AsArray(),
            column => (string)column!["name"]! == name && (string)column["type"]! == type && (string)column["jsonPath"]! == path);

    [Theory]
    [InlineData("specReplicasPath", ".spec.shards")]
    [InlineData("statusReplicasPath", ".status.shardCount")]
    [InlineData("labelSelectorPath", ".status.selector")]
    public void The_scale_subresource_points_at_fields_that_exist(string key, string path)
    {
        Assert.Equal(path, (string)Version["subresources"]!["scale"]![key]!);
        Assert.NotNull(Field(path.TrimStart('.')));
    }

    [Fact]
    public void Names_are_those_of_the_resource()
    {
        Assert.Equal("redisclusters.redis.slotwise.dev", (string)Definition["metadata"]!["name"]!);
        Assert.Equal("[rdc]", Shown(Definition["spec"]!["names"]!["shortNames"]));
        Assert.Equal("Namespaced", (string)Definition["spec"]!["scope"]!);
        Assert.Equal("v1beta1", (string)Version["name"]!);
        Assert.NotNull(Version["subresources"]!["status"]);
    }

    static JsonObject Field(string path) =>
        path.Split('.').Aggregate(Schema.AsObject(), (schema, name) => (schema["properties"]?[name] ?? schema[name] ?? throw new KeyNotFoundException(path)).AsObject());

    static string Shown(JsonNode? node) => node switch
    {
        null => "absent",
        JsonArray list => $"[{string.Join(',', list.Select(Shown))}]",
        _ => node.ToString(),
    };
}
