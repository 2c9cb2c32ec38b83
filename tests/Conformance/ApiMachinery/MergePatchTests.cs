using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>RFC 7386, as the server carries it out.</summary>
public sealed class MergePatchTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: annotations on StatefulSets")]
    public async Task Null_removes_and_the_rest_is_merged()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v"), ("l", "w")))).Expect(201);

        var patched = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"data":{"k":null,"m":"x"},"metadata":{"annotations":{"a":"b"}}}"""))).Expect(200);

        Assert.Equal((string[])["l=w", "m=x"], patched["data"]!.AsObject().Select(pair => $"{pair.Key}={pair.Value}").Order());
        Assert.Equal("b", (string?)patched["metadata"]!["annotations"]!["a"]);
    }

    [Case("operator: conditional patches")]
    public async Task A_version_in_the_patch_is_a_precondition()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);
        var refused = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"metadata":{"resourceVersion":"1"},"data":{"k":"v"}}"""))).ExpectRefusal(409, "Conflict");
        Assert.Contains("the object has been modified; please apply your changes to the latest version and try again", refused.Message, StringComparison.Ordinal);
    }

    [Case("user: kubectl patch")]
    public async Task Identity_cannot_be_patched()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);

        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"metadata":{"name":"b"}}"""))).ExpectRefusal(400, "BadRequest");
        var uid = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"metadata":{"uid":"1"}}"""))).ExpectRefusal(422, "Invalid");

        Assert.Contains("metadata.uid: Invalid value: \"1\": field is immutable", uid.Message, StringComparison.Ordinal);
    }

    [Case("user: kubectl patch with a wrong value")]
    public async Task A_patch_that_makes_the_object_unreadable_is_refused()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);

        var refused = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"data":[1]}"""))).ExpectRefusal(422, "Invalid");

        Assert.Contains("patch: Invalid value: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string", refused.Message, StringComparison.Ordinal);
    }

    [Case("user: a patch of what is not there")]
    public async Task Only_what_exists_can_be_patched()
    {
        var refused = (await Api.PatchAsync(Core("configmaps/none"), PatchType.Merge, Manifest.Json("""{"data":{}}"""))).ExpectRefusal(404, "NotFound");
        Assert.Equal("configmaps \"none\" not found", refused.Message);
    }

    [Case("user: a broken patch")]
    public async Task A_patch_that_is_no_JSON_is_refused()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);

        var refused = (await Api.SendAsync(HttpMethod.Patch, Core("configmaps/a"), "{\"data\"", "application/merge-patch+json")).ExpectRefusal(400, "BadRequest");
        var noPatch = (await Api.SendAsync(HttpMethod.Patch, Core("configmaps/a"), "{}", "application/json")).ExpectRefusal(415, "UnsupportedMediaType");

        Assert.Contains("unexpected end of JSON input", refused.Message, StringComparison.Ordinal);
        Assert.NotEqual("", noPatch.Message);
    }
}
