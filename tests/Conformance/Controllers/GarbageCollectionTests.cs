using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Controllers;

/// <summary>What becomes of objects whose owners are deleted.</summary>
public sealed class GarbageCollectionTests(ClusterUnderTest cluster) : ControllerTest(cluster)
{
    const string Background = """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}""";
    const string Foreground = """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Foreground"}""";
    const string Orphan = """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Orphan"}""";

    [Case("operator: what it makes for a RedisCluster goes with it")]
    public async Task Deletion_in_the_background_takes_dependents_and_theirs()
    {
        var owner = await CreateAsync("owner");
        var middle = await CreateAsync("middle", owner);
        await CreateAsync("last", middle);
        await CreateAsync("other");
        (await Api.DeleteAsync(Map("owner"), JsonNode.Parse(Background))).Expect(200);
        (await Api.GetAsync(Map("owner"))).Expect(404);
        await Api.AwaitGoneAsync(Map("middle"));
        await Api.AwaitGoneAsync(Map("last"));
        (await Api.GetAsync(Map("other"))).Expect(200);
    }

    [Case("users: kubectl delete --cascade=foreground")]
    public async Task Deletion_in_the_foreground_waits_for_dependents_that_block_it()
    {
        var owner = await CreateAsync("owner");
        await CreateAsync("blocking", owner, blocks: true);
        await CreateAsync("other", owner);
        await HoldAsync(Map("blocking"));
        await HoldAsync(Map("other"));
        var answer = (await Api.DeleteAsync(Map("owner"), JsonNode.Parse(Foreground))).Expect(200);
        Assert.Equal("foregroundDeletion", (string?)answer["metadata"]!["finalizers"]![0]);
        Assert.True(IsGoing(answer));

        await Api.AwaitAsync(Map("blocking"), IsGoing, "the blocking dependent to go");
        await Api.AwaitAsync(Map("other"), IsGoing, "the other dependent to go");
        (await Api.GetAsync(Map("owner"))).Expect(200);
        await LetGoAsync(Map("blocking"));
        await Api.AwaitGoneAsync(Map("owner"));
        (await Api.GetAsync(Map("other"))).Expect(200);
        await LetGoAsync(Map("other"));
    }

    [Case("users: kubectl delete --cascade=foreground")]
    public async Task Deletion_in_the_foreground_goes_down_to_the_last_dependent()
    {
        var owner = await CreateAsync("owner");
        var middle = await CreateAsync("middle", owner, blocks: true);
        await CreateAsync("last", middle, blocks: true);
        await HoldAsync(Map("last"));
        (await Api.DeleteAsync($"{Map("owner")}?propagationPolicy=Foreground")).Expect(200);
        await Api.AwaitAsync(Map("last"), IsGoing, "the last dependent to go");
        Assert.Equal("foregroundDeletion", (string?)(await Api.GetAsync(Map("middle"))).Expect(200)["metadata"]!["finalizers"]![0]);
        await LetGoAsync(Map("last"));
        await Api.AwaitGoneAsync(Map("owner"));
        (await Api.GetAsync(Map("middle"))).Expect(404);
    }

    [Case("operator: it deletes a StatefulSet and keeps its pods")]
    public async Task Orphaning_deletion_leaves_dependents_without_that_owner()
    {
        var owner = await CreateAsync("owner");
        var second = await CreateAsync("second");
        var dependent = await CreateAsync("dependent", owner);
        var metadata = new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = new JsonArray(Reference(owner), Reference(second)) } };
        (await Api.PatchAsync(Map("dependent"), PatchType.Merge, metadata)).Expect(200);
        (await Api.DeleteAsync(Map("owner"), JsonNode.Parse(Orphan))).Expect(200);
        await Api.AwaitGoneAsync(Map("owner"));
        var left = (await Api.GetAsync(Map("dependent"))).Expect(200);
        Assert.Equal(UidOf(dependent), UidOf(left));
        Assert.Equal([UidOf(second)], OwnersOf(left));
    }

    [Case("operator: an object that it applies again after its owner was replaced goes")]
    public async Task A_dependent_of_an_owner_that_is_not_there_is_deleted()
    {
        await CreateAsync("same-name");
        await CreateAsync("other-uid", Named("same-name", Guid.NewGuid().ToString()));
        await CreateAsync("no-such", Named("no-such-owner", Guid.NewGuid().ToString()));
        await Api.AwaitGoneAsync(Map("other-uid"));
        await Api.AwaitGoneAsync(Map("no-such"));
        (await Api.GetAsync(Map("same-name"))).Expect(200);
    }

    [Case("operator: what two resources share stays until the last of them goes")]
    public async Task A_dependent_of_two_owners_forgets_the_one_that_is_gone_and_goes_with_the_last()
    {
        var first = await CreateAsync("first");
        var second = await CreateAsync("second");
        await CreateAsync("shared", first, second);
        (await Api.DeleteAsync(Map("first"), JsonNode.Parse(Background))).Expect(200);
        await Api.AwaitAsync(Map("shared"), obj => OwnersOf(obj).SequenceEqual([UidOf(second)]), "one owner");
        (await Api.DeleteAsync(Map("second"), JsonNode.Parse(Foreground))).Expect(200);
        await Api.AwaitGoneAsync(Map("shared"));
        await Api.AwaitGoneAsync(Map("second"));
    }

    [Case("users: an owner reference across namespaces is a mistake that Kubernetes tells of")]
    public async Task An_owner_in_another_namespace_counts_as_absent_and_an_event_says_so()
    {
        var owner = (await Api.GetAsync("/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt")).Expect(200);
        await CreateAsync("astray", owner);
        await Api.AwaitGoneAsync(Map("astray"));
        await AwaitEventAsync("astray", "OwnerRefInvalidNamespace", $"ownerRef [v1/ConfigMap, namespace: {Namespace}, name: kube-root-ca.crt, uid: {UidOf(owner)}] does not exist in namespace \"{Namespace}\"");
        (await Api.GetAsync("/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt")).Expect(200);
    }

    [Case("operator: a RedisCluster owns StatefulSets, and may be owned")]
    public async Task Custom_resources_are_owners_and_dependents_like_all_others()
    {
        var group = $"{Namespace}.example.com";
        var definition = $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/toys.{group}";
        (await Api.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Manifest.Yaml($$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: toys.{{group}}}
            spec:
              group: {{group}}
              scope: Namespaced
              names: {kind: Toy, plural: toys, singular: toy}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object} } }]
            """))).Expect(201);
        try
        {
            await Api.AwaitAsync(definition, obj => obj["status"]?["conditions"]?.AsArray().Any(one => (string?)one!["type"] == "Established" && (string?)one["status"] == "True") == true, "the definition to be established");
            var root = await CreateAsync("root");
            var toy = new JsonObject { ["apiVersion"] = $"{group}/v1", ["kind"] = "Toy", ["metadata"] = new JsonObject { ["name"] = "toy", ["ownerReferences"] = new JsonArray(Reference(root)) } };
            var path = Group($"{group}/v1", "toys");
            await Api.AwaitAsync($"{path}?limit=1", _ => true, "the kind to be served");
            toy = (await Api.PostAsync(path, toy)).Expect(201);
            await CreateAsync("part", toy);
            (await Api.DeleteAsync(Map("root"), JsonNode.Parse(Background))).Expect(200);
            await Api.AwaitGoneAsync($"{path}/toy");
            await Api.AwaitGoneAsync(Map("part"));
        }
        finally
        {
            await Api.DeleteAsync(definition);
        }
    }

    string Map(string name) => Core($"configmaps/{name}");

    async Task<JsonObject> CreateAsync(string name, params JsonObject[] owners) => await CreateAsync(name, owners, blocks: false);

    async Task<JsonObject> CreateAsync(string name, JsonObject owner, bool blocks) => await CreateAsync(name, [owner], blocks);

    async Task<JsonObject> CreateAsync(string name, JsonObject[] owners, bool blocks)
    {
        var map = Manifest.ConfigMap(name);
        map["metadata"]!["ownerReferences"] = new JsonArray([.. owners.Select(owner => Reference(owner, blocks))]);
        return (await Api.PostAsync(Core("configmaps"), map)).Expect(201);
    }

    static JsonObject Named(string name, string uid) => new() { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = uid } };

    static JsonObject Reference(JsonObject owner, bool blocks = false) => new()
    {
        ["apiVersion"] = (string?)owner["apiVersion"],
        ["kind"] = (string?)owner["kind"],
        ["name"] = NameOf(owner),
        ["uid"] = UidOf(owner),
        ["blockOwnerDeletion"] = blocks,
    };
}
