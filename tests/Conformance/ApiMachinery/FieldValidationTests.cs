using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>What becomes of fields that nobody knows, or that are given twice.</summary>
public sealed class FieldValidationTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("user: kubectl apply --validate=warn")]
    public async Task By_default_unknown_fields_are_dropped_with_a_warning()
    {
        var answer = await Api.PostAsync(Core("configmaps"), Manifest.Json("""{"metadata":{"name":"a","nam":"b"},"dat":{}}"""));

        Assert.Null(answer.Expect(201)["dat"]);
        Assert.Equal((string[])["unknown field \"dat\"", "unknown field \"metadata.nam\""], answer.Warnings.Order());
    }

    [Case("user: kubectl apply --validate=strict")]
    public async Task Strict_refuses_them()
    {
        var refused = (await Api.PostAsync(Core("configmaps?fieldValidation=Strict"), Manifest.Json("""{"metadata":{"name":"a"},"dat":{}}"""))).ExpectRefusal(400, "BadRequest");
        Assert.Equal("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"dat\"", refused.Message);
        (await Api.GetAsync(Core("configmaps/a"))).ExpectRefusal(404, "NotFound");
    }

    [Case("user: kubectl apply --validate=ignore")]
    public async Task Ignore_says_nothing()
    {
        var answer = await Api.PostAsync(Core("configmaps?fieldValidation=Ignore"), Manifest.Json("""{"metadata":{"name":"a"},"dat":{}}"""));
        Assert.Null(answer.Expect(201)["dat"]);
        Assert.Empty(answer.Warnings);
    }

    [Case("user: a key pasted twice")]
    public async Task Of_a_field_given_twice_the_last_one_counts()
    {
        const string Body = """{"metadata":{"name":"a"},"data":{"k":"1","k":"2"}}""";

        var refused = (await Api.SendAsync(HttpMethod.Post, Core("configmaps?fieldValidation=Strict"), Body)).ExpectRefusal(400, "BadRequest");
        var answer = await Api.SendAsync(HttpMethod.Post, Core("configmaps"), Body);

        Assert.Equal("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: duplicate field \"data.k\"", refused.Message);
        Assert.Equal("2", (string?)answer.Expect(201)["data"]!["k"]);
        Assert.Equal((string[])["duplicate field \"data.k\""], answer.Warnings);
    }

    [Case("user: kubectl patch --validate=strict")]
    public async Task A_patch_is_held_to_it_too()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);

        var refused = (await Api.PatchAsync(Core("configmaps/a?fieldValidation=Strict"), PatchType.Merge, Manifest.Json("""{"spec":{"x":1}}"""))).ExpectRefusal(422, "Invalid");
        var warned = await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"spec":{"x":1}}"""));

        Assert.EndsWith(": strict decoding error: unknown field \"spec\"", refused.Message, StringComparison.Ordinal);
        warned.Expect(200);
        Assert.Equal((string[])["unknown field \"spec\""], warned.Warnings);
    }

    [Case("user: a mistaken parameter")]
    public async Task There_are_three_ways_and_no_other()
    {
        var refused = (await Api.PostAsync(Core("configmaps?fieldValidation=Sloppy"), Manifest.ConfigMap("a"))).ExpectRefusal(422, "Invalid");
        Assert.Equal("fieldValidation", Assert.Single(refused.Causes).Field);
        Assert.Equal("CreateOptions", (string?)refused.Body["details"]!["kind"]);
    }
}
