using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Tests.Api;

/// <summary>The protocol itself: codes, forms, watches, and who may ask.</summary>
public sealed class HttpTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    const string Maps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/readyz", 200)]
    [InlineData("/version", 200)]
    [InlineData("/api", 403)]
    [InlineData("/api/v1/pods", 403)]
    [InlineData("/openapi/v3", 403)]
    public async Task Strangers_learn_that_it_lives_and_no_more(string path, int expected)
    {
        using var stranger = api.NewClient();
        using var response = await stranger.GetAsync(path);
        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_wrong_token_is_refused_and_a_certificate_of_the_authority_is_not()
    {
        using var stranger = api.NewClient();
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", "guess");
        Assert.Equal(401, (int)(await stranger.GetAsync("/api")).StatusCode);

        using var certificate = api.IssueClient("somebody");
        using var holder = api.NewClient(certificate);
        Assert.Equal(200, (int)(await holder.GetAsync("/api/v1/pods")).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nopes", 404)]
    [InlineData("GET", Maps + "/nope", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/pods/x/portforward", 501)]
    [InlineData("GET", "/apis/batch/v1/namespaces/default/jobs", 501)]
    [InlineData("PUT", Maps, 405)]
    [InlineData("GET", Maps + "?labelSelector=a%20b", 400)]
    [InlineData("GET", Maps + "?watch=1&resourceVersion=abc", 500)]
    public async Task Refusals_are_statuses(string method, string path, int expected)
    {
        var (code, body) = await api.SendAsync(method, path);
        Assert.Equal(expected, code);
        Assert.Equal("Status", (body as JsonObject).Text("kind"));
    }

    [Theory]
    [InlineData("{", "application/json", 400)]
    [InlineData("""{"metadata":{"name":"a","name":"twice"}}""", "application/json", 201)]
    [InlineData("""{"kind":"Pod","metadata":{"name":"a"}}""", "application/json", 400)]
    [InlineData("""{"metadata":{"name":"Not_A_Name"}}""", "application/json", 422)]
    [InlineData("metadata: {name: from-yaml}\ndata: {k: v}", "application/yaml", 201)]
    [InlineData("x", "text/plain", 415)]
    [InlineData("k8s", "application/vnd.kubernetes.protobuf", 400)]
    public async Task Bodies_are_read_or_refused(string body, string contentType, int expected) =>
        Assert.Equal(expected, (await api.SendAsync("POST", Maps, body, contentType)).Code);

    [Fact]
    public async Task Unknown_fields_are_a_warning_or_an_error()
    {
        const string Typo = """{"metadata":{"name":"typo"},"date":{}}""";
        var (code, body) = await api.SendAsync("POST", $"{Maps}?fieldValidation=Strict", Typo);
        Assert.Equal(400, code);
        Assert.Contains("strict decoding error: unknown field \"date\"", (body as JsonObject).Text("message"), StringComparison.Ordinal);

        using var content = new StringContent(Typo, System.Text.Encoding.UTF8, "application/json");
        using var response = await api.Http.PostAsync(Maps, content);
        Assert.Equal("299 - \"unknown field \\\"date\\\"\"", response.Headers.Warning.Single().ToString());
    }

    [Fact]
    public async Task Patches_have_four_forms_and_no_fifth()
    {
        await api.SendAsync("POST", Maps, """{"metadata":{"name":"patched"},"data":{"a":"1"}}""");
        var path = $"{Maps}/patched";
        await api.SendAsync("PATCH", path, """{"data":{"b":"2"}}""", "application/merge-patch+json");
        await api.SendAsync("PATCH", path, """[{"op":"add","path":"/data/c","value":"3"}]""", "application/json-patch+json");
        await api.SendAsync("PATCH", path, """{"data":{"d":"4"}}""", "application/strategic-merge-patch+json");
        var (_, applied) = await api.SendAsync("PATCH", $"{path}?fieldManager=me", "apiVersion: v1\nkind: ConfigMap\ndata: {e: '5'}", "application/apply-patch+yaml");
        Assert.Equal("""{"a":"1","b":"2","c":"3","d":"4","e":"5"}""", (applied as JsonObject).Object("data")!.ToJsonString());
        Assert.Equal(415, (await api.SendAsync("PATCH", path, "{}", "application/json")).Code);
        Assert.Equal(422, (await api.SendAsync("PATCH", path, "{}", "application/apply-patch+yaml")).Code);
    }

    [Fact]
    public async Task Discovery_is_plain_or_in_one_piece()
    {
        var (_, plain) = await api.SendAsync("GET", "/apis/apps/v1");
        Assert.Contains("statefulsets/scale", (plain as JsonObject).Array("resources")!.OfType<JsonObject>().Select(resource => resource.Text("name")));

        var (_, whole) = await api.SendAsync("GET", "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
        Assert.Equal("apidiscovery.k8s.io/v2", (whole as JsonObject).Text("apiVersion"));
        var (_, groups) = await api.SendAsync("GET", "/apis");
        Assert.Equal("APIGroupList", (groups as JsonObject).Text("kind"));
    }

    [Fact]
    public async Task Tables_carry_what_is_asked_for()
    {
        await api.SendAsync("POST", Maps, """{"metadata":{"name":"tabled"},"data":{"a":"1"}}""");
        const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        var (_, one) = await api.SendAsync("GET", $"{Maps}/tabled", accept: Table);
        Assert.Equal(["Name", "Data", "Age"], (one as JsonObject).Array("columnDefinitions")!.OfType<JsonObject>().Select(column => column.Text("name")));
        var row = (JsonObject)(one as JsonObject).Array("rows")![0]!;
        Assert.Equal(("tabled", 1), (row.Array("cells")![0].AsText(), row.Array("cells")![1].AsNumber()));
        Assert.Equal("PartialObjectMetadata", row.Object("object").Text("kind"));

        var (_, whole) = await api.SendAsync("GET", $"{Maps}?includeObject=Object", accept: Table);
        Assert.Equal("ConfigMap", ((JsonObject)(whole as JsonObject).Array("rows")![0]!).Object("object").Text("kind"));
    }

    [Fact]
    public async Task A_watch_streams_changes_and_ends_on_time()
    {
        await api.SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"watched"}}""");
        const string Path = "/api/v1/namespaces/watched/configmaps";
        var (_, list) = await api.SendAsync("GET", Path);
        var version = (list as JsonObject).Object("metadata").Text("resourceVersion");
        using var response = await api.Http.GetAsync($"{Path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=2&resourceVersion={version}", HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());

        await api.SendAsync("POST", Path, """{"metadata":{"name":"a"}}""");
        await api.SendAsync("DELETE", $"{Path}/a");

        var types = new List<string?>();
        while (await lines.ReadLineAsync() is { } line)
        {
            types.Add((JsonNode.Parse(line) as JsonObject).Text("type"));
        }

        Assert.Equal(["ADDED", "DELETED", "BOOKMARK"], types);
    }

    [Fact]
    public async Task A_watch_of_the_past_gets_410_as_an_event()
    {
        var (_, list) = await api.SendAsync("GET", "/api/v1/secrets");
        await api.SendAsync("POST", "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"s"}}""");
        api.Store.Compact();
        var (_, refused) = await api.SendAsync("GET", $"/api/v1/secrets?watch=true&resourceVersion={(list as JsonObject).Object("metadata").Text("resourceVersion")}");
        Assert.Equal(("ERROR", 410), ((refused as JsonObject).Text("type"), (refused as JsonObject).Object("object").Number("code")));
    }

    [Fact]
    public async Task An_eviction_keeps_within_the_budget()
    {
        await api.SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"evict"}}""");
        await api.SendAsync("POST", "/api/v1/namespaces/evict/pods", """{"metadata":{"name":"p","labels":{"a":"b"}},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}""");
        await api.SendAsync("PATCH", "/api/v1/namespaces/evict/pods/p/status", """{"status":{"phase":"Running"}}""", "application/merge-patch+json");
        const string Budgets = "/apis/policy/v1/namespaces/evict/poddisruptionbudgets";
        await api.SendAsync("POST", Budgets, """{"metadata":{"name":"b"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"a":"b"}}}}""");
        const string Eviction = """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}""";

        var (code, refused) = await api.SendAsync("POST", "/api/v1/namespaces/evict/pods/p/eviction", Eviction);
        Assert.Equal(429, code);
        Assert.Equal("Cannot evict pod as it would violate the pod's disruption budget.", (refused as JsonObject).Text("message"));

        await api.SendAsync("PATCH", $"{Budgets}/b/status", """{"status":{"disruptionsAllowed":1,"observedGeneration":1}}""", "application/merge-patch+json");
        Assert.Equal(201, (await api.SendAsync("POST", "/api/v1/namespaces/evict/pods/p/eviction", Eviction)).Code);
        var (_, budget) = await api.SendAsync("GET", $"{Budgets}/b");
        Assert.Equal(0, (budget as JsonObject).At("status.disruptionsAllowed").AsNumber());
        var (_, pod) = await api.SendAsync("GET", "/api/v1/namespaces/evict/pods/p");
        Assert.True(Meta.IsDeleting((JsonObject)pod));
    }

    [Fact]
    public async Task OpenApi_has_a_document_for_every_version_and_knows_the_parameters_of_a_patch()
    {
        var (_, index) = await api.SendAsync("GET", "/openapi/v3");
        foreach (var (path, entry) in (index as JsonObject).Object("paths")!)
        {
            var (code, document) = await api.SendAsync("GET", (entry as JsonObject).Text("serverRelativeURL")!);
            Assert.Equal((200, "3.0.0"), (code, (document as JsonObject).Text("openapi")));
            AssertReferencesResolve(document, document, path);
        }
    }

    static void AssertReferencesResolve(JsonNode? node, JsonNode document, string where)
    {
        if (node is JsonObject obj)
        {
            if (obj.Text("$ref") is { } reference)
            {
                Assert.NotNull((document as JsonObject).Object("components").Object("schemas")?[reference["#/components/schemas/".Length..]]);
            }

            foreach (var (name, member) in obj)
            {
                AssertReferencesResolve(member, document, $"{where}.{name}");
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                AssertReferencesResolve(item, document, where);
            }
        }
    }
}
