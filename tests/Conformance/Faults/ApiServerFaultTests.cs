using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.Faults;

/// <summary>An API server in trouble, as it is asked for. All trouble here is bound to the case's namespace, so that no other case notices.</summary>
public sealed class ApiServerFaultTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    const string Path = "/localkube/faults";

    [Case("scenario: API server under load", NeedsFaults = true)]
    public async Task It_refuses_as_many_requests_as_it_was_asked_to_and_does_not_carry_them_out()
    {
        await BeginAsync("kind: fail, code: 429, retryAfterSeconds: 3, count: 2, verbs: [create], resources: [configmaps]");
        foreach (var name in (string[])["a", "b"])
        {
            var refused = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap(name))).ExpectRefusal(429, "TooManyRequests");
            Assert.Equal(TimeSpan.FromSeconds(3), refused.Headers.RetryAfter?.Delta);
            Assert.Equal(3, (int?)refused.Body["details"]!["retryAfterSeconds"]);
        }

        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("c"))).Expect(201);
        (await Api.GetAsync(Core("configmaps/a"))).ExpectRefusal(404, "NotFound");
        Assert.DoesNotContain(await ListAsync(), fault => Mine(fault));
    }

    [Case("scenario: API server in trouble", NeedsFaults = true)]
    public async Task Its_errors_look_like_an_API_servers()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);
        await BeginAsync("kind: fail, code: 500, count: 1, verbs: [get]");
        (await Api.GetAsync(Core("configmaps/a"))).ExpectRefusal(500, "InternalError");
        await BeginAsync("kind: fail, code: 503, count: 1, verbs: [get]");
        (await Api.GetAsync(Core("configmaps/a"))).ExpectRefusal(503, "ServiceUnavailable");
        await BeginAsync("kind: fail, code: 409, count: 1");
        (await Api.GetAsync(Core("configmaps/a"))).Expect(200);
        var conflict = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Yaml("{data: {a: b}}"))).ExpectRefusal(409, "Conflict");
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", conflict.Message);
        Assert.Null((await Api.GetAsync(Core("configmaps/a"))).Expect(200)["data"]);
    }

    [Case("scenario: API server in trouble", NeedsFaults = true)]
    public async Task It_hits_only_who_is_meant()
    {
        await BeginAsync("kind: fail, users: [somebody], resources: [pods]");
        (await Api.GetAsync(Core("pods"))).Expect(200);
        (await Api.As("somebody", "system:masters").GetAsync(Core("configmaps"))).Expect(200);
        (await Api.As("somebody", "system:masters").GetAsync(Core("pods"))).ExpectRefusal(500, "InternalError");
    }

    [Case("scenario: API server in trouble", NeedsFaults = true)]
    public async Task It_hits_about_as_many_as_chance_should()
    {
        await BeginAsync("kind: fail, share: 0.5, resources: [configmaps], verbs: [list]");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Api.GetAsync(Core("configmaps?limit=1"))));
        Assert.InRange(answers.Count(answer => answer.Status == 500), 20, 80);
        Assert.InRange(answers.Count(answer => answer.Status == 200), 20, 80);
    }

    [Case("scenario: slow API server", NeedsFaults = true)]
    public async Task It_answers_late()
    {
        await BeginAsync("kind: slow, milliseconds: 400, count: 1, verbs: [list]");
        var start = TimeProvider.System.GetTimestamp();
        (await Api.GetAsync(Core("pods"))).Expect(200);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(390));
    }

    [Case("scenario: connections that break", NeedsFaults = true)]
    public async Task A_connection_breaks_before_a_write_or_after_it()
    {
        await BeginAsync("kind: cut, count: 1, verbs: [create]");
        await BrokenAsync(() => Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("before")));
        (await Api.GetAsync(Core("configmaps/before"))).ExpectRefusal(404, "NotFound");

        await BeginAsync("kind: cut, after: true, count: 1, verbs: [create]");
        await BrokenAsync(() => Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("after")));
        (await Api.GetAsync(Core("configmaps/after"))).Expect(200);
    }

    [Case("scenario: watches that break", NeedsFaults = true)]
    public async Task Watches_break_when_they_are_so_old()
    {
        using var late = Bound();
        await BeginAsync("kind: drop, everySeconds: 0.3, verbs: [watch]");
        var start = TimeProvider.System.GetTimestamp();
        await BrokenAsync(async () =>
        {
            await foreach (var change in Api.WatchAsync(Core("configmaps?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Dnone"), late.Token))
            {
                Assert.Fail($"{change}");
            }
        });
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromMilliseconds(290), TimeSpan.FromSeconds(10));
    }

    [Case("scenario: watches that say nothing", NeedsFaults = true)]
    public async Task Silent_watches_say_nothing_until_it_is_over()
    {
        using var late = Bound();
        var events = Api.WatchAsync(Core("configmaps?watch=true&fieldSelector=metadata.name%3Da"), late.Token).GetAsyncEnumerator(late.Token);
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);
        Assert.True(await events.MoveNextAsync());
        var id = await BeginAsync("kind: silence");
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Yaml("{data: {a: b}}"))).Expect(200);
        var next = events.MoveNextAsync().AsTask();
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(500, late.Token)));
        (await Api.DeleteAsync($"{Path}/{id}")).Expect(200);
        Assert.True(await next);
        Assert.Equal(("MODIFIED", "b"), (events.Current.Type, (string?)events.Current.Object["data"]!["a"]));
        await late.CancelAsync();
    }

    [Case("scenario: stale caches", NeedsFaults = true)]
    public async Task A_stale_cache_shows_the_past_while_other_reads_are_fresh()
    {
        using var late = Bound();
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("kept", ("k", "old")))).Expect(201);
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("deleted", ("k", "old")))).Expect(201);
        var id = await BeginAsync("kind: stale, behindSeconds: 60, resources: [configmaps]");
        (await Api.PatchAsync(Core("configmaps/kept"), PatchType.Merge, Manifest.Yaml("{data: {k: new}}"))).Expect(200);
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("made"))).Expect(201);
        (await Api.DeleteAsync(Core("configmaps/deleted"))).Expect(200);

        Assert.Equal(["deleted=old", "kept=old"], await NamesAsync("resourceVersion=0"));
        Assert.Equal(["kept=new", "made="], await NamesAsync(""));
        Assert.Equal("old", (string?)(await Api.GetAsync(Core("configmaps/kept?resourceVersion=0"))).Expect(200)["data"]!["k"]);
        Assert.Equal("new", (string?)(await Api.GetAsync(Core("configmaps/kept"))).Expect(200)["data"]!["k"]);
        (await Api.GetAsync(Core("configmaps/made?resourceVersion=0"))).ExpectRefusal(404, "NotFound");

        var events = Api.WatchAsync(Core("configmaps?watch=true&resourceVersion=0"), late.Token).GetAsyncEnumerator(late.Token);
        foreach (var name in (string[])["deleted", "kept"])
        {
            while (await events.MoveNextAsync() && (string?)events.Current.Object["metadata"]!["name"] == "kube-root-ca.crt")
            {
                // the namespace's own
            }

            Assert.Equal(("ADDED", name), (events.Current.Type, (string?)events.Current.Object["metadata"]!["name"]));
        }

        var next = NextAsync();
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(300, late.Token)));
        (await Api.DeleteAsync($"{Path}/{id}")).Expect(200);
        Assert.Equal(("MODIFIED", "kept"), await next);
        await late.CancelAsync();

        async Task<(string, string?)> NextAsync()
        {
            do
            {
                Assert.True(await events.MoveNextAsync());
            }
            while ((string?)events.Current.Object["metadata"]!["name"] == "kube-root-ca.crt");
            return (events.Current.Type, (string?)events.Current.Object["metadata"]!["name"]);
        }

        async Task<IEnumerable<string>> NamesAsync(string query) => [.. (await Api.GetAsync(Core($"configmaps?{query}"))).Expect(200)["items"]!.AsArray()
            .Where(item => (string?)item!["metadata"]!["name"] != "kube-root-ca.crt")
            .Select(item => $"{item!["metadata"]!["name"]}={item["data"]?["k"]}")];
    }

    [Case("scenario: API server in trouble", NeedsFaults = true)]
    public async Task Trouble_is_listed_ends_by_itself_and_is_for_administrators_only()
    {
        var id = await BeginAsync("kind: fail, seconds: 0.2, verbs: [list]");
        Assert.Contains(await ListAsync(), fault => (string?)fault["id"] == id);
        await Task.Delay(300, Cancel);
        (await Api.GetAsync(Core("pods"))).Expect(200);
        Assert.DoesNotContain(await ListAsync(), fault => (string?)fault["id"] == id);
        (await Api.As("jane").GetAsync(Path)).ExpectRefusal(403, "Forbidden");
        var refused = (await Api.PostAsync(Path, Manifest.Yaml("{kind: fail, code: 418}"))).ExpectRefusal(400, "BadRequest");
        Assert.Equal("code: 418 is none of 409, 429, 500 and 503", refused.Message);
        (await Api.PostAsync(Path, Manifest.Yaml("{kind: explode}"))).ExpectRefusal(400, "BadRequest");
    }

    [Case("scenario: API server in trouble", NeedsFaults = true)]
    public async Task The_command_asks_for_the_same()
    {
        var text = await Cluster.LocalkubeAsync("api", "fail", "--code", "503", "--verb", "list", "--resource", "pods", "-n", Namespace, "--count", "1", "--kubeconfig", Cluster.Kubeconfig);
        (await Api.GetAsync(Core("pods"))).ExpectRefusal(503, "ServiceUnavailable");
        await Cluster.LocalkubeAsync("api", "mend", (string)JsonNode.Parse(text)!["id"]!, "--kubeconfig", Cluster.Kubeconfig);
    }

    async Task<string> BeginAsync(string yaml) => (string)(await Api.PostAsync(Path, Manifest.Yaml($"{{{yaml}, namespaces: [{Namespace}]}}"))).Expect(201)["id"]!;

    async Task<IEnumerable<JsonNode>> ListAsync() => (await Api.GetAsync(Path)).Expect(200)["items"]!.AsArray().OfType<JsonNode>();

    bool Mine(JsonNode fault) => fault["namespaces"]!.AsArray().Any(ns => (string?)ns == Namespace);

    static CancellationTokenSource Bound()
    {
        var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        return bound;
    }

    static async Task BrokenAsync(Func<Task> ask)
    {
        var error = await Record.ExceptionAsync(ask);
        Assert.True(error is HttpRequestException or IOException, error?.ToString() ?? "it was answered");
    }
}
