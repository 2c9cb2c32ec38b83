using System.Text.Json.Nodes;
using Slotwise.Entities.Crd;
using Slotwise.Entities.Validation;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Json;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;

namespace Slotwise.Entities.Tests.Validation;

/// <summary>The rules as the API server evaluates them, and their twins in C#, say the same about the same resources.</summary>
public sealed class RuleEvaluationTests
{
    readonly Store _store = new(new StoreOptions { Time = TimeProvider.System, Random = new Random(1) });
    readonly ResourceKind _kind;

    public RuleEvaluationTests()
    {
        var definitions = _store.Kinds.FindKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")!;
        _store.Create(definitions, null, KubernetesYaml.Read(RedisClusterCrd.Render())!.AsObject(), new WriteOptions { Manager = "test" });
        _kind = _store.Kinds.All.Single(kind => kind.Kind.Plural == "redisclusters");
    }

    public static TheoryData<string, string, string> Broken => new(RuleCases.Broken.Select(broken => (broken.Rule, broken.Name, broken.Spec)));

    public static TheoryData<string, string> Sound => new(RuleCases.Sound);

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_breaks_a_rule_is_refused_by_its_CEL(string rule, string name, string spec)
    {
        var refused = Assert.Throws<KubernetesApiException>(() => Create(name, spec));

        var message = RedisClusterRules.All.Single(known => known.Id == rule).Message;
        Assert.True(refused.Message.Contains(message, StringComparison.Ordinal) || name.Any(char.IsUpper) || name.EndsWith('-'), refused.Message);
    }

    [Theory]
    [MemberData(nameof(Sound))]
    public void What_is_at_the_edge_is_taken_by_all_CEL(string name, string spec) => Create(name, spec);

    [Theory]
    [InlineData("""{"size":"10Gi"}""", """{"size":"10240Mi"}""", true)]
    [InlineData("""{"size":"10Gi"}""", """{"size":"11Gi"}""", true)]
    [InlineData("""{"size":"10Gi"}""", """{"size":"10G"}""", false)]
    [InlineData("""{"size":"10Gi"}""", """{"size":"9.99Gi"}""", false)]
    [InlineData("""{"size":10}""", """{"size":"10"}""", true)]
    [InlineData("""{"size":"1k"}""", """{"size":999}""", false)]
    [InlineData("""{"size":"1Gi","storageClassName":"a"}""", """{"size":"1Gi","storageClassName":"a"}""", true)]
    [InlineData("""{"size":"1Gi","storageClassName":"a"}""", """{"size":"1Gi","storageClassName":"b"}""", false)]
    [InlineData("""{"size":"1Gi","storageClassName":"a"}""", """{"size":"1Gi"}""", false)]
    [InlineData("""{"size":"1Gi"}""", """{"size":"1Gi","storageClassName":"a"}""", false)]
    [InlineData("null", """{"size":"1Gi"}""", false)]
    [InlineData("""{"size":"1Gi"}""", "null", false)]
    public void What_a_volume_cannot_follow_is_refused_by_CEL(string before, string after, bool isTaken)
    {
        var created = Create("orders", $$"""{"storage":{{before}} }""");
        var changed = (JsonObject)created.DeepClone();
        changed["spec"]!["storage"] = JsonNode.Parse(after);

        var refused = Record.Exception(() => _store.Update(_kind, "default", "orders", changed, null, new WriteOptions { Manager = "test" }));

        Assert.Equal(isTaken, refused is null);
        Assert.True(isTaken || refused!.Message.Contains("spec.storage", StringComparison.Ordinal), refused?.Message);
    }

    /// <summary>What the volumes were asked to have is the least that may be asked for, whatever was asked for since.</summary>
    [Theory]
    [InlineData("1Gi", true)]
    [InlineData("1.5Gi", true)]
    [InlineData("1000Mi", false)]
    public void A_growth_is_taken_back_as_far_as_the_status_has_it_by_CEL(string size, bool isTaken)
    {
        var asked = Create("orders", """{"storage":{"size":"2Gi"}}""");
        var reported = (JsonObject)asked.DeepClone();
        reported["status"] = new JsonObject { ["volumeSize"] = "1Gi" };
        var before = _store.Update(_kind, "default", "orders", reported, "status", new WriteOptions { Manager = "test" }).Object.Json;
        var changed = (JsonObject)before.DeepClone();
        changed["spec"]!["storage"]!["size"] = size;

        var refused = Record.Exception(() => _store.Update(_kind, "default", "orders", changed, null, new WriteOptions { Manager = "test" }));

        Assert.Equal(isTaken, refused is null);
        Assert.True(isTaken || refused!.Message.Contains("status.volumeSize", StringComparison.Ordinal), refused?.Message);
    }

    JsonObject Create(string name, string spec)
    {
        var fields = JsonNode.Parse(spec)!.AsObject();
        fields.TryAdd("shards", 3);
        fields.TryAdd("image", "redis:7.0");
        var resource = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = fields };
        return _store.Create(_kind, "default", resource, new WriteOptions { Manager = "test" }).Object.Json;
    }
}
