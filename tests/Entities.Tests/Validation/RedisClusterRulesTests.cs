using System.Text.Json.Nodes;
using Slotwise.Entities.Crd;
using Slotwise.Entities.Tests.Crd;
using Slotwise.Entities.Validation;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Entities.Tests.Validation;

public sealed class RedisClusterRulesTests
{
    static readonly IReadOnlyDictionary<string, JsonNode> Schemas = SchemaWalk
        .All(KubernetesYaml.Read(RedisClusterCrd.Render())!["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!)
        .ToDictionary(node => node.Path, node => node.Schema, StringComparer.Ordinal);

    public static TheoryData<string, string, string, string> Broken => new(RuleCases.Broken);

    public static TheoryData<string, string> Sound => new(RuleCases.Sound);

    public static TheoryData<string> Ids => new(RedisClusterRules.All.Select(rule => rule.Id));

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_resource_that_breaks_a_rule_is_refused(string rule, string name, string spec, string field)
    {
        Assert.False(RedisClusterValidation.TryValidate(RuleCases.Resource(name, spec), out var errors));

        var error = Assert.Single(errors);
        Assert.Equal(field, error.Field);
        Assert.Equal(RedisClusterRules.All.Single(known => known.Id == rule).Message, error.Remedy);
    }

    [Theory]
    [MemberData(nameof(Sound))]
    public void A_resource_at_the_edge_of_the_rules_is_taken(string name, string spec)
    {
        Assert.True(RedisClusterValidation.TryValidate(RuleCases.Resource(name, spec), out var errors), string.Join('\n', errors));
        Assert.Empty(errors);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_is_there_in_CEL_and_in_CSharp(string id)
    {
        var rule = RedisClusterRules.All.Single(rule => rule.Id == id);

        Assert.True(rule.Check is null != rule.CheckChange is null, "a rule is about one object or about a change");
        Assert.Equal(rule.CheckChange is not null, rule.Cel.Contains("oldSelf", StringComparison.Ordinal));
        var inSchema = Assert.Single(Schemas[rule.Path]["x-kubernetes-validations"]!.AsArray(), validation => (string)validation!["rule"]! == rule.Cel)!;
        Assert.Equal(rule.Message, (string)inSchema["message"]!);
        Assert.True(rule.FieldPath.Length == 0 || Schemas.ContainsKey($"{rule.Path}{rule.FieldPath}".TrimStart('.')), $"no field {rule.Path}{rule.FieldPath}");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_about_one_object_has_a_case_that_breaks_it(string id) =>
        Assert.True(RedisClusterRules.All.Single(rule => rule.Id == id).Check is null || RuleCases.Broken.Any(broken => broken.Rule == id));

    [Fact]
    public void The_schema_holds_no_rule_that_has_no_twin() =>
        Assert.Equal(RedisClusterRules.All.Count, Schemas.Values.Sum(schema => schema["x-kubernetes-validations"]?.AsArray().Count ?? 0));

    [Theory]
    [MemberData(nameof(Ids))]
    public void No_rule_needs_a_function_that_Kubernetes_1_28_refuses(string id) =>
        Assert.DoesNotContain("quantity(", RedisClusterRules.All.Single(rule => rule.Id == id).Cel, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Ids))]
    public void No_message_is_longer_than_the_schema_may_hold(string id) =>
        Assert.InRange(RedisClusterRules.All.Single(rule => rule.Id == id).Message.Length, 1, 2048);

    [Fact]
    public void A_refused_password_is_not_repeated()
    {
        RedisClusterValidation.TryValidate(RuleCases.Resource("orders", """{"config":{"requirepass":"hunter2"}}"""), out var errors);

        Assert.DoesNotContain("hunter2", Assert.Single(errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        RedisClusterValidation.TryValidate(RuleCases.Resource("Orders", """{"shards":0,"config":{"port":1,"dir":"/","cluster-node-timeout":1}}"""), out var errors);

        Assert.Equal(["metadata.name", "spec.config.cluster-node-timeout", "spec.config.dir", "spec.config.port", "spec.shards"], errors.Select(error => error.Field).Order(StringComparer.Ordinal));
    }
}
