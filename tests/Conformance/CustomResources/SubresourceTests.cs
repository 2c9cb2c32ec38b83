using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.CustomResources;

/// <summary>Status and scale of custom resources, generations, and how they are patched.</summary>
public sealed class SubresourceTests(ClusterUnderTest cluster) : CustomResourceTest(cluster)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var definition = Definition("""
            type: object
            properties:
              count: {type: integer, minimum: 1, maximum: 5, default: 1}
              name: {type: string}
              atoms: {type: array, items: {type: string}}
              parts: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id], items: {type: object, required: [id], properties: {id: {type: string}, size: {type: integer}}}}
              tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
            """);
        definition["spec"]!["versions"]![0]!["subresources"] = JsonNode.Parse("""
            {"status":{},"scale":{"specReplicasPath":".spec.count","statusReplicasPath":".status.count","labelSelectorPath":".status.selector"}}
            """);
        await DefineAsync(definition);
    }

    [Case("operator: status of a RedisCluster")]
    public async Task Status_is_written_apart_from_the_rest()
    {
        var toy = Toy("t", """{"name":"a"}""");
        toy["status"] = new JsonObject { ["count"] = 7 };
        Assert.Null((await Api.PostAsync(Toys(), toy)).Expect(201)["status"]);

        var status = (await PatchAsync("/t/status", """{"spec":{"name":"b"},"status":{"count":3}}""")).Expect(200);
        Assert.Equal(("a", 3, 1), ((string?)status["spec"]!["name"], (int?)status["status"]!["count"], (int?)status["metadata"]!["generation"]));
        var spec = (await PatchAsync("/t", """{"spec":{"name":"b"},"status":{"count":9}}""")).Expect(200);
        Assert.Equal(("b", 3, 2), ((string?)spec["spec"]!["name"], (int?)spec["status"]!["count"], (int?)spec["metadata"]!["generation"]));
        var labelled = (await PatchAsync("/t", """{"metadata":{"labels":{"a":"b"}}}""")).Expect(200);
        Assert.Equal(2, (int?)labelled["metadata"]!["generation"]);
        AssertRefused(await PatchAsync("/t/status", """{"status":{"count":-1}}"""), "status.count", "count in body should be greater than or equal to 0");
    }

    [Case("user: kubectl scale, HorizontalPodAutoscaler")]
    public async Task Scale_shows_and_sets_the_number_at_its_path()
    {
        (await CreateAsync("t", """{"count":2}""")).Expect(201);
        (await PatchAsync("/t/status", """{"status":{"count":1,"selector":"app=t"}}""")).Expect(200);

        var scale = (await Api.GetAsync(Toys("/t/scale"))).Expect(200);
        Assert.Equal(("autoscaling/v1", "Scale", 2, 1, "app=t"), ((string?)scale["apiVersion"], (string?)scale["kind"], (int?)scale["spec"]!["replicas"], (int?)scale["status"]!["replicas"], (string?)scale["status"]!["selector"]));
        scale["spec"]!["replicas"] = 3;
        Assert.Equal(3, (int?)(await Api.PutAsync(Toys("/t/scale"), scale)).Expect(200)["spec"]!["replicas"]);
        (await Api.PutAsync(Toys("/t/scale"), scale)).ExpectRefusal(409, "Conflict");
        (await PatchAsync("/t/scale", """{"spec":{"replicas":4}}""")).Expect(200);
        AssertRefused(await PatchAsync("/t/scale", """{"spec":{"replicas":6}}"""), "spec.count", "spec.count in body should be less than or equal to 5");
        (await PatchAsync("/t/scale", """{"spec":{"replicas":-1}}""")).ExpectRefusal(422, "Invalid");

        var toy = (await Api.GetAsync(Toys("/t"))).Expect(200);
        Assert.Equal((4, 3), ((int?)toy["spec"]!["count"], (int?)toy["metadata"]!["generation"]));
    }

    [Case("operator: server-side apply of status")]
    public async Task Apply_owns_items_by_key_values_of_a_set_and_plain_lists_as_a_whole()
    {
        (await ApplyAsync("one", """{"parts":[{"id":"a","size":1}],"tags":["x"],"atoms":["1"]}""")).Expect(201);
        (await ApplyAsync("two", """{"parts":[{"id":"b","size":2}],"tags":["y"]}""")).Expect(200);

        var toy = (await Api.GetAsync(Toys("/t"))).Expect(200);
        Assert.Equal(["a", "b"], toy["spec"]!["parts"]!.AsArray().Select(part => (string?)part!["id"]).Order(StringComparer.Ordinal));
        Assert.Equal(["x", "y"], toy["spec"]!["tags"]!.AsArray().Select(tag => (string?)tag).Order(StringComparer.Ordinal));
        var conflict = (await ApplyAsync("two", """{"atoms":["2"]}""")).ExpectRefusal(409, "Conflict");
        Assert.Equal([(".spec.atoms", "FieldManagerConflict")], conflict.Causes.Select(cause => (cause.Field, cause.Reason)));
        (await ApplyAsync("one", """{"tags":["x"],"atoms":["1"]}""")).Expect(200);
        toy = (await Api.GetAsync(Toys("/t"))).Expect(200);
        Assert.Equal(["b"], toy["spec"]!["parts"]!.AsArray().Select(part => (string?)part!["id"]));
    }

    [Case("user: kubectl patch")]
    public async Task Strategic_merge_patches_are_for_built_in_kinds_only()
    {
        (await CreateAsync("t", "{}")).Expect(201);

        var refused = (await Api.PatchAsync(Toys("/t"), PatchType.Strategic, JsonNode.Parse("""{"spec":{"name":"x"}}""")!)).ExpectRefusal(415, "UnsupportedMediaType");

        Assert.StartsWith("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml", refused.Message, StringComparison.Ordinal);
    }

    [Case("operator: informers across an upgrade of the definition")]
    public async Task A_kind_without_a_subresource_has_none()
    {
        var definition = (await Api.GetAsync($"{Definitions}/{DefinitionName}")).Expect(200);
        (await CreateAsync("t", "{}")).Expect(201);
        definition["spec"]!["versions"]![0]!.AsObject().Remove("subresources");
        (await Api.PutAsync($"{Definitions}/{DefinitionName}", definition)).Expect(200);

        for (var tries = 0; (await Api.GetAsync(Toys("/t/scale"))).Status != 404; tries++)
        {
            Assert.True(tries < 300, "waited 30 s for the subresource to go");
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancel);
        }

        Assert.Equal(404, (await Api.GetAsync(Toys("/t/status"))).Status);
        Assert.Equal(3, (int?)(await PatchAsync("/t", """{"status":{"count":3}}""")).Expect(200)["status"]!["count"]);
    }

    Task<ApiAnswer> PatchAsync(string rest, string patch) => Api.PatchAsync(Toys(rest), PatchType.Merge, JsonNode.Parse(patch)!);

    Task<ApiAnswer> ApplyAsync(string manager, string spec) => Api.ApplyAsync(Toys("/t"), manager, Toy("t", spec));
}
