using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>What would happen, and nothing does.</summary>
public sealed class DryRunTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("user: kubectl create --dry-run=server")]
    public async Task A_creation_is_answered_in_full_and_not_made()
    {
        var made = (await Api.PostAsync(Core("configmaps?dryRun=All"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);

        Assert.True(Guid.TryParse((string?)made["metadata"]!["uid"], out _));
        Assert.Null(made["metadata"]!["resourceVersion"]);
        (await Api.GetAsync(Core("configmaps/a"))).ExpectRefusal(404, "NotFound");
        (await Api.PostAsync(Core("configmaps?dryRun=All"), Manifest.Json("""{"metadata":{"name":"No_Name"}}"""))).ExpectRefusal(422, "Invalid");
    }

    [Case("user: kubectl diff --server-side")]
    public async Task An_apply_shows_what_it_would_make()
    {
        var created = (await Api.ApplyAsync(Core("configmaps/a?dryRun=All"), "one", Manifest.ConfigMap("a", ("k", "v")))).Expect(201);
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);
        var changed = (await Api.ApplyAsync(Core("configmaps/a?dryRun=All"), "one", Manifest.ConfigMap("a", ("l", "w")))).Expect(200);

        Assert.Equal("v", (string?)created["data"]!["k"]);
        Assert.Equal("w", (string?)changed["data"]!["l"]);
        Assert.Null((await Api.GetAsync(Core("configmaps/a"))).Expect(200)["data"]!["l"]);
    }

    [Case("user: kubectl patch and delete --dry-run=server")]
    public async Task Changes_and_deletions_leave_everything_as_it_was()
    {
        var before = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);

        (await Api.PatchAsync(Core("configmaps/a?dryRun=All"), PatchType.Merge, Manifest.Json("""{"data":{"k":"w"}}"""))).Expect(200);
        (await Api.PutAsync(Core("configmaps/a?dryRun=All"), Manifest.ConfigMap("a", ("k", "x")))).Expect(200);
        (await Api.DeleteAsync(Core("configmaps/a?dryRun=All"))).Expect(200);
        (await Api.DeleteAsync(Core("configmaps/a"), Manifest.Json("""{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}"""))).Expect(200);

        var after = (await Api.GetAsync(Core("configmaps/a"))).Expect(200);
        Assert.True(JsonNode.DeepEquals(before, after), after.ToJsonString());
    }

    [Case("user: a mistaken parameter")]
    public async Task Everything_or_nothing()
    {
        var refused = (await Api.PostAsync(Core("configmaps?dryRun=Some"), Manifest.ConfigMap("a"))).ExpectRefusal(422, "Invalid");
        Assert.Contains("dryRun: Unsupported value: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("supported values: \"All\"", refused.Message, StringComparison.Ordinal);
    }
}
