using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;
using Slotwise.Entities.Tests;
using Slotwise.Entities.Tests.Validation;
using Slotwise.Entities.Validation;

namespace Slotwise.Conformance.CustomResources;

/// <summary>Our own definition, under a group of the case's own: what its rules are there to refuse is refused by the server, with their words.</summary>
public sealed class RedisClusterRulesTests(ClusterUnderTest cluster) : CustomResourceTest(cluster)
{
    string Clusters => Group($"{ToyGroup}/v1beta1", "redisclusters");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var definition = Manifest.Yaml(Repository.Read("config/crd/redisclusters.redis.slotwise.dev.yaml"));
        definition["metadata"]!["name"] = $"redisclusters.{ToyGroup}";
        definition["spec"]!["group"] = ToyGroup;
        await DefineAsync(definition);
    }

    [Case("operator: the names of what it makes")]
    public Task Names_that_cannot_name_a_Service_are_refused() => AssertBrokenAsync("name-");

    [Case("operator: bounds of a cluster")]
    public Task Clusters_that_are_too_large_are_refused() => AssertBrokenAsync("node-limit");

    [Case("operator: redis.conf")]
    public Task Directives_that_the_operator_owns_or_that_are_out_of_range_are_refused() => AssertBrokenAsync("directive-", "node-timeout", "validity-factor", "min-replicas");

    [Case("operator: reserved fields")]
    public Task Fields_that_nothing_carries_out_yet_are_refused() => AssertBrokenAsync("reserved-");

    [Case("user: kubectl apply")]
    public async Task What_is_at_the_edge_of_the_rules_is_taken()
    {
        foreach (var (name, spec) in RuleCases.Sound)
        {
            (await Api.PostAsync($"{Clusters}?dryRun=All", Resource(name, spec))).Expect(201);
        }
    }

    [Case("user: kubectl apply")]
    public async Task A_change_that_a_volume_cannot_follow_is_refused_and_one_that_it_can_is_taken()
    {
        (await Api.PostAsync(Clusters, Resource("stored", """{"storage":{"size":"10Gi","storageClassName":"fast"}}"""))).Expect(201);

        foreach (var (storage, id) in (IReadOnlyList<(string?, string)>)
        [
            ("""{"size":"9Gi"}""", "storage-size"),
            ("""{"size":"10G"}""", "storage-size"),
            ("""{"storageClassName":"slow"}""", "storage-class"),
            ("""{"storageClassName":null}""", "storage-class"),
            (null, "storage"),
        ])
        {
            var refused = await PatchStorageAsync(storage);
            refused.ExpectRefusal(422, "Invalid");
            Assert.Contains(refused.Causes, cause => RedisClusterRules.All.Any(rule => rule.CheckChange is not null && cause.Message.EndsWith(rule.Message, StringComparison.Ordinal)));
            Assert.True(refused.Causes.All(cause => cause.Field.StartsWith("spec.storage", StringComparison.Ordinal)), $"{id}: {refused}");
        }

        foreach (var size in (string[])["10240Mi", "11Gi", "1.5Ti"])
        {
            (await PatchStorageAsync($$"""{"size":"{{size}}" }""")).Expect(200);
        }
    }

    [Case("user: kubectl scale")]
    public async Task Scaling_is_held_to_the_rules_too()
    {
        (await Api.PostAsync(Clusters, Resource("large", """{"shards":400}"""))).Expect(201);

        (await Api.PatchAsync($"{Clusters}/large/scale", PatchType.Merge, JsonNode.Parse("""{"spec":{"replicas":500}}""")!)).Expect(200);
        var refused = await Api.PatchAsync($"{Clusters}/large/scale", PatchType.Merge, JsonNode.Parse("""{"spec":{"replicas":501}}""")!);
        AssertRefused(refused, "spec.shards", "spec.shards in body should be less than or equal to 500");
    }

    [Case("operator: its own schema")]
    public async Task The_definition_as_it_is_shipped_is_taken_without_warnings()
    {
        var definition = Manifest.Yaml(Repository.Read("config/crd/redisclusters.redis.slotwise.dev.yaml"));
        definition["metadata"]!["name"] = $"redisclusters.second.{ToyGroup}";
        definition["spec"]!["group"] = $"second.{ToyGroup}";

        var answer = await Api.PostAsync($"{Definitions}?dryRun=All&fieldValidation=Strict", definition);

        answer.Expect(201);
        Assert.Empty(answer.Warnings);
    }

    async Task AssertBrokenAsync(params string[] prefixes)
    {
        var broken = RuleCases.Broken.Where(one => prefixes.Any(prefix => one.Rule.StartsWith(prefix, StringComparison.Ordinal))).ToList();
        Assert.NotEmpty(broken);
        foreach (var (id, name, spec, field) in broken)
        {
            var rule = RedisClusterRules.All.Single(known => known.Id == id);
            var answer = (await Api.PostAsync($"{Clusters}?dryRun=All", Resource(name, spec))).ExpectRefusal(422, "Invalid");

            // A name that no object may have is refused for that alone.
            Assert.True(
                answer.Causes.Any(cause => cause.Message.EndsWith(rule.Message, StringComparison.Ordinal)) || (field == "metadata.name" && answer.Causes.All(cause => cause.Field == field)),
                $"{id} {name} {spec}: {answer}");
        }
    }

    Task<ApiAnswer> PatchStorageAsync(string? storage) =>
        Api.PatchAsync($"{Clusters}/stored", PatchType.Merge, JsonNode.Parse($$$"""{"spec":{"storage":{{{storage ?? "null"}}}}}""")!);

    JsonObject Resource(string name, string spec)
    {
        var fields = JsonNode.Parse(spec)!.AsObject();
        fields.TryAdd("shards", 3);
        fields.TryAdd("image", "redis:7.0");
        return new JsonObject
        {
            ["apiVersion"] = $"{ToyGroup}/v1beta1",
            ["kind"] = "RedisCluster",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = fields,
        };
    }
}
