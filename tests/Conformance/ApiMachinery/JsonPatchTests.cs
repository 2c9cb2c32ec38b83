using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>RFC 6902, as the server carries it out.</summary>
public sealed class JsonPatchTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("user: kubectl patch --type=json")]
    public async Task Operations_are_carried_out_in_order()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v"), ("gone", "1")))).Expect(201);

        var patched = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""
            [{"op":"test","path":"/data/k","value":"v"},
             {"op":"add","path":"/data/n","value":"1"},
             {"op":"copy","from":"/data/n","path":"/data/copied"},
             {"op":"move","from":"/data/n","path":"/data/moved"},
             {"op":"replace","path":"/data/k","value":"w"},
             {"op":"remove","path":"/data/gone"},
             {"op":"add","path":"/metadata/annotations","value":{"example.com/x":"z"}}]
            """))).Expect(200);

        Assert.Equal((string[])["copied=1", "k=w", "moved=1"], patched["data"]!.AsObject().Select(pair => $"{pair.Key}={pair.Value}").Order());
        var escaped = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""[{"op":"remove","path":"/metadata/annotations/example.com~1x"}]"""))).Expect(200);
        Assert.Null(escaped["metadata"]!["annotations"]?["example.com/x"]);
    }

    [Case("user: a guarded patch")]
    public async Task A_test_that_fails_changes_nothing()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);

        var refused = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""[{"op":"remove","path":"/data/k"},{"op":"test","path":"/metadata/name","value":"b"}]"""))).ExpectRefusal(422, "Invalid");

        Assert.StartsWith("the server rejected our request due to an error in our request", refused.Message, StringComparison.Ordinal);
        Assert.Equal("v", (string?)(await Api.GetAsync(Core("configmaps/a"))).Expect(200)["data"]!["k"]);
    }

    [Case("user: kubectl patch --type=json with a typing error")]
    public async Task What_cannot_be_carried_out_is_refused()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);

        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""[{"op":"remove","path":"/data/none"}]"""))).ExpectRefusal(422, "Invalid");
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""[{"op":"add","path":"/not/there","value":1}]"""))).ExpectRefusal(422, "Invalid");
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""[{"op":"frobnicate","path":"/data/k"}]"""))).ExpectRefusal(422, "Invalid");
        var noList = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""{"data":{}}"""))).ExpectRefusal(400, "BadRequest");
        Assert.Contains("cannot unmarshal object into Go value of type", noList.Message, StringComparison.Ordinal);
    }

    [Case("user: kubectl patch --type=json")]
    public async Task A_replaced_member_need_not_be_there()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);
        var patched = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""[{"op":"replace","path":"/data/new","value":"1"}]"""))).Expect(200);
        Assert.Equal("1", (string?)patched["data"]!["new"]);
    }

    [Case("operator: bounded requests")]
    public async Task There_are_at_most_ten_thousand_operations()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);
        var many = new JsonArray([.. Enumerable.Range(0, 10_001).Select(_ => Manifest.Json("""{"op":"test","path":"/data/k","value":"v"}"""))]);

        var refused = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, many)).ExpectRefusal(413, "RequestEntityTooLarge");

        Assert.Equal("Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001", refused.Message);
    }
}
