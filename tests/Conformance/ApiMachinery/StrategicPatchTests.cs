using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>Strategic merge patches: how kubectl patches built-in kinds.</summary>
public sealed class StrategicPatchTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    string Set => Group("apps/v1", "statefulsets/a");

    [Case("user: kubectl patch, kubectl set image")]
    public async Task Containers_are_found_by_their_name()
    {
        await CreateAsync();

        var patched = (await PatchAsync("""{"spec":{"template":{"spec":{"containers":[{"name":"two","image":"new"}]}}}}""")).Expect(200);

        Assert.Equal((string[])["one:1", "two:new"], Containers(patched));
    }

    [Case("user: kubectl edit, which adds a container")]
    public async Task A_new_item_stands_before_those_that_only_the_server_has()
    {
        await CreateAsync();
        var patched = (await PatchAsync("""{"spec":{"template":{"spec":{"containers":[{"name":"three","image":"3"}]}}}}""")).Expect(200);
        Assert.Equal((string[])["three:3", "one:1", "two:2"], Containers(patched));
    }

    [Case("user: kubectl apply")]
    public async Task An_order_can_be_given()
    {
        await CreateAsync();
        var patched = (await PatchAsync("""{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"two"},{"name":"one"},{"name":"three"}],"containers":[{"name":"three","image":"3"}]}}}}""")).Expect(200);
        Assert.Equal((string[])["two:2", "one:1", "three:3"], Containers(patched));
    }

    [Case("user: kubectl apply, which removes a container")]
    public async Task Items_can_be_deleted_and_lists_replaced()
    {
        await CreateAsync();
        var deleted = (await PatchAsync("""{"spec":{"template":{"spec":{"containers":[{"name":"one","$patch":"delete"}]}}}}""")).Expect(200);
        var replaced = (await PatchAsync("""{"spec":{"template":{"spec":{"containers":[{"$patch":"replace"},{"name":"four","image":"4"}]}}}}""")).Expect(200);
        Assert.Equal((string[])["two:2"], Containers(deleted));
        Assert.Equal((string[])["four:4"], Containers(replaced));
    }

    [Case("user: kubectl apply, which changes the update strategy")]
    public async Task Retained_keys_are_all_that_is_left()
    {
        await CreateAsync();
        var patched = (await PatchAsync("""{"spec":{"updateStrategy":{"$retainKeys":["type"],"type":"OnDelete"}}}""")).Expect(200);
        Assert.Equal("""{"type":"OnDelete"}""", patched["spec"]!["updateStrategy"]!.ToJsonString());
    }

    [Case("controllers: finalizers")]
    public async Task Single_values_leave_a_list_of_texts()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a","finalizers":["example.com/a","example.com/b"]}}""")!)).Expect(201);

        var patched = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Strategic, Manifest.Json("""{"metadata":{"$deleteFromPrimitiveList/finalizers":["example.com/a"]}}"""))).Expect(200);
        var grown = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Strategic, Manifest.Json("""{"metadata":{"finalizers":["example.com/c"]}}"""))).Expect(200);
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"metadata":{"finalizers":null}}"""))).Expect(200);

        Assert.Equal("""["example.com/b"]""", patched["metadata"]!["finalizers"]!.ToJsonString());
        Assert.Equal("""["example.com/c","example.com/b"]""", grown["metadata"]!["finalizers"]!.ToJsonString());
    }

    [Case("user: kubectl patch with a typing error")]
    public async Task An_item_without_its_key_and_an_unknown_directive_are_errors()
    {
        await CreateAsync();
        var keyless = await PatchAsync("""{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}""");
        var unknown = await PatchAsync("""{"$patch":"frobnicate"}""");
        Assert.Equal(500, keyless.Status);
        Assert.Contains("does not contain declared merge key: name", keyless.Message, StringComparison.Ordinal);
        Assert.Equal(500, unknown.Status);
        Assert.StartsWith("unknown patch type: frobnicate in map: ", unknown.Message, StringComparison.Ordinal);
    }

    Task<ApiAnswer> PatchAsync(string patch) => Api.PatchAsync(Set, PatchType.Strategic, Manifest.Json(patch));

    async Task CreateAsync() => (await Api.PostAsync(Group("apps/v1", "statefulsets"), Manifest.Yaml("""
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: a}
        spec:
          serviceName: a
          replicas: 0
          selector: {matchLabels: {app: a}}
          template:
            metadata: {labels: {app: a}}
            spec:
              containers:
                - {name: one, image: "1"}
                - {name: two, image: "2"}
        """))).Expect(201);

    static string[] Containers(JsonObject set) =>
        [.. set["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(container => $"{container!["name"]}:{container["image"]}")];
}
