using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>Following changes: from where, which, and until when.</summary>
public sealed class WatchTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: informers")]
    public async Task From_a_version_everything_since_is_told_in_order()
    {
        var from = await VersionAsync();
        (await CreateAsync("a", "one")).Expect(201);
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"data":{"k":"v"}}"""))).Expect(200);
        (await Api.DeleteAsync(Core("configmaps/a"))).Expect(200);

        var seen = await TakeAsync(3, $"&resourceVersion={from}&labelSelector=x");

        Assert.Equal((string[])["ADDED a", "MODIFIED a", "DELETED a"], seen.Select(Told));
        var versions = seen.Select(change => ulong.Parse((string)change.Object["metadata"]!["resourceVersion"]!)).ToList();
        Assert.Equal(versions.Distinct().Order(), versions);
    }

    [Case("operator: informers")]
    public async Task Without_a_version_or_from_0_what_exists_comes_first()
    {
        (await CreateAsync("a", "one")).Expect(201);
        (await CreateAsync("b", "one")).Expect(201);
        Assert.Equal((string[])["ADDED a", "ADDED b"], (await TakeAsync(2, "&labelSelector=x")).Select(Told).Order());
        Assert.Equal((string[])["ADDED a", "ADDED b"], (await TakeAsync(2, "&labelSelector=x&resourceVersion=0")).Select(Told).Order());
    }

    [Case("operator: informers with a label selector")]
    public async Task Entering_and_leaving_the_selection_looks_like_creation_and_deletion()
    {
        var from = await VersionAsync();
        (await CreateAsync("a", "one")).Expect(201);
        (await LabelAsync("a", "two")).Expect(200);
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"data":{"k":"v"}}"""))).Expect(200);
        (await LabelAsync("a", "one")).Expect(200);

        var seen = await TakeAsync(3, $"&resourceVersion={from}&labelSelector=x%3Done");

        Assert.Equal((string[])["ADDED a", "DELETED a", "ADDED a"], seen.Select(Told));
        Assert.Equal("one", (string?)seen[1].Object["metadata"]!["labels"]!["x"]);
    }

    [Case("user: kubectl wait; operator: waits for one object")]
    public async Task One_object_can_be_followed_by_name()
    {
        var from = await VersionAsync();
        (await CreateAsync("a", "one")).Expect(201);
        (await CreateAsync("b", "one")).Expect(201);
        Assert.Equal((string[])["ADDED b"], (await TakeAsync(1, $"&resourceVersion={from}&fieldSelector=metadata.name%3Db")).Select(Told));
    }

    [Case("operator: informers list again")]
    public async Task A_version_that_is_forgotten_is_told_with_410()
    {
        var seen = Assert.Single(await TakeAsync(1, "&resourceVersion=1"));

        Assert.Equal("ERROR", seen.Type);
        Assert.Equal((410, "Expired", "Status", "Failure"), ((int?)seen.Object["code"], (string?)seen.Object["reason"], (string?)seen.Object["kind"], (string?)seen.Object["status"]));
        Assert.StartsWith("too old resource version: 1 (", (string?)seen.Object["message"], StringComparison.Ordinal);
    }

    [Case("operator: informers")]
    public async Task It_ends_when_its_time_is_over()
    {
        var start = TimeProvider.System.GetTimestamp();
        var seen = await TakeAsync(int.MaxValue, "&timeoutSeconds=1&labelSelector=none");
        Assert.Empty(seen);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(20));
    }

    [Case("operator: informers")]
    public async Task Bookmarks_carry_a_version_and_nothing_else()
    {
        (await CreateAsync("a", "one")).Expect(201);
        var from = await VersionAsync();

        var seen = await TakeAsync(1, $"&allowWatchBookmarks=true&timeoutSeconds=3&labelSelector=none&resourceVersion={from}");

        var bookmark = Assert.Single(seen);
        Assert.Equal(("BOOKMARK", "ConfigMap", "v1"), (bookmark.Type, (string?)bookmark.Object["kind"], (string?)bookmark.Object["apiVersion"]));
        Assert.True(ulong.Parse((string)bookmark.Object["metadata"]!["resourceVersion"]!) >= ulong.Parse(from));
        Assert.Null(bookmark.Object["metadata"]!["name"]);
    }

    [Case("operator: informers of client-go 1.35")]
    public async Task A_watch_can_stand_in_for_a_list()
    {
        (await CreateAsync("a", "one")).Expect(201);
        (await CreateAsync("b", "one")).Expect(201);
        const string Query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=x";
        var first = await Api.GetAsync(Core("configmaps?watch=true&timeoutSeconds=1" + Query));
        // Before 1.32 the server has to be told to allow it; clients then list.
        Assert.SkipWhen(first.Status == 422 && first.Message.Contains("WatchList feature gate", StringComparison.Ordinal), "this server has no WatchList");

        var seen = await TakeAsync(3, Query);

        Assert.Equal((string[])["ADDED a", "ADDED b", "BOOKMARK "], seen.Select(Told).Order());
        Assert.Equal("BOOKMARK", seen[2].Type);
        Assert.Equal("true", (string?)seen[2].Object["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        var listed = ulong.Parse((string)seen[2].Object["metadata"]!["resourceVersion"]!);
        Assert.All(seen, change => Assert.True(ulong.Parse((string)change.Object["metadata"]!["resourceVersion"]!) <= listed));
    }

    [Case("operator: informers of client-go 1.35")]
    public async Task Initial_events_want_their_version_match()
    {
        (await Api.GetAsync(Core("configmaps?watch=true&sendInitialEvents=true"))).ExpectRefusal(422, "Invalid");
        (await Api.GetAsync(Core("configmaps?watch=true&resourceVersionMatch=NotOlderThan&resourceVersion=0"))).ExpectRefusal(422, "Invalid");
    }

    async Task<string> VersionAsync() => (string)(await Api.GetAsync(Core("configmaps"))).Expect(200)["metadata"]!["resourceVersion"]!;

    Task<ApiAnswer> CreateAsync(string name, string label) => Api.PostAsync(Core("configmaps"), Manifest.Json($$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"x":"{{{{label}}}}"}}}"""));

    Task<ApiAnswer> LabelAsync(string name, string label) => Api.PatchAsync(Core($"configmaps/{name}"), PatchType.Merge, Manifest.Json($$$$"""{"metadata":{"labels":{"x":"{{{{label}}}}"}}}"""));

    async Task<List<WatchEvent>> TakeAsync(int count, string query)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        var seen = new List<WatchEvent>();
        await foreach (var change in Api.WatchAsync(Core("configmaps?watch=true" + query), patience.Token))
        {
            seen.Add(change);
            if (seen.Count == count)
            {
                break;
            }
        }

        return seen;
    }

    static string Told(WatchEvent change) => $"{change.Type} {change.Object["metadata"]?["name"]}";
}
