using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slotwise.Entities.Tests;

namespace Slotwise.Operator.Tests.Install;

/// <summary>The chart installs what config/ does, with a few values instead of a few constants.</summary>
public sealed class ChartTests
{
    [Fact]
    public void It_brings_the_same_definition_of_RedisCluster() =>
        Assert.True(
            Repository.Read($"config/crd/{Manifests.Crd}") == Repository.Read($"charts/slotwise/crds/{Manifests.Crd}"),
            "charts/slotwise/crds differs from config/crd: run make manifests");

    [Fact]
    public void It_grants_the_same_rights() => Same(Manifests.Role["rules"], Manifests.ChartRules);

    [Fact]
    public void It_grants_the_same_rights_to_elect_a_leader() => Same(Manifests.LeaderElectionRole["rules"], Manifests.ChartLeaderElection[0]["rules"]);

    [Theory]
    [InlineData("args")]
    [InlineData("ports")]
    [InlineData("livenessProbe")]
    [InlineData("readinessProbe")]
    [InlineData("securityContext")]
    public void Its_container_is_the_same(string field) => Same(Manifests.Container(Manifests.Deployment)[field], Manifests.Container(Manifests.ChartDeployment)[field]);

    [Theory]
    [InlineData("securityContext")]
    [InlineData("terminationGracePeriodSeconds")]
    public void Its_pod_is_the_same(string field) =>
        Same(Manifests.Deployment["spec"]!["template"]!["spec"]![field], Manifests.ChartDeployment["spec"]!["template"]!["spec"]![field]);

    [Fact]
    public void Its_default_values_are_the_constants_of_config()
    {
        var container = Manifests.Container(Manifests.Deployment);
        var values = Manifests.ChartValues;

        Same(container["resources"], values["resources"]);
        Same(container["imagePullPolicy"], values["image"]!["pullPolicy"]);
        Same(Manifests.Deployment["spec"]!["replicas"], values["replicas"]);
        Assert.Equal((string)container["image"]!, $"{values["image"]!["repository"]}:{Manifests.Chart["appVersion"]}");
    }

    [Fact]
    public void Every_value_is_in_the_schema_of_values()
    {
        var schema = JsonNode.Parse(Repository.Read("charts/slotwise/values.schema.json"))!;

        foreach (var (name, value) in Manifests.ChartValues.AsObject())
        {
            var property = schema["properties"]![name];
            Assert.True(property is not null, $"values.schema.json lacks {name}");
            foreach (var (inner, _) in value as JsonObject ?? [])
            {
                Assert.True(property["properties"]![inner] is not null, $"values.schema.json lacks {name}.{inner}");
            }
        }
    }

    [Fact]
    public void Every_value_is_used_and_every_used_value_exists()
    {
        var templates = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "charts/slotwise/templates")).Select(File.ReadAllText));
        var used = Regex.Matches(templates, @"\.Values((?:\.\w+)+)").Select(match => match.Groups[1].Value.TrimStart('.')).Distinct();
        var leaves = Manifests.ChartValues.AsObject()
            .SelectMany(value => value.Key == "image" ? value.Value!.AsObject().Select(inner => $"image.{inner.Key}") : [value.Key]);

        Assert.Equal(leaves.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    static void Same(JsonNode? expected, JsonNode? actual)
    {
        Assert.NotNull(expected);
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected.ToJsonString()}\nactual   {actual?.ToJsonString()}");
    }
}
