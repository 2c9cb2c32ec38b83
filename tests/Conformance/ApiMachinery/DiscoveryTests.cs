using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>What a server says that it has.</summary>
public sealed class DiscoveryTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: finds its kinds; user: kubectl api-resources")]
    public async Task Kinds_are_listed_by_group_and_version()
    {
        var core = (await Api.GetAsync("/api/v1")).Expect(200);
        var apps = (await Api.GetAsync("/apis/apps/v1")).Expect(200);
        var groups = (await Api.GetAsync("/apis")).Expect(200);
        var group = (await Api.GetAsync("/apis/apps")).Expect(200);

        var pods = Resource(core, "pods");
        Assert.Equal(("Pod", true, "pod"), ((string?)pods["kind"], (bool?)pods["namespaced"], (string?)pods["singularName"]));
        Assert.Contains("po", pods["shortNames"]!.AsArray().Select(one => (string)one!));
        Assert.Contains("all", pods["categories"]!.AsArray().Select(one => (string)one!));
        Assert.Equal((string[])["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], pods["verbs"]!.AsArray().Select(one => (string)one!).Order());
        Assert.DoesNotContain("deletecollection", Resource(core, "namespaces")["verbs"]!.AsArray().Select(one => (string)one!));
        Assert.Equal("Eviction", (string?)Resource(core, "pods/eviction")["kind"]);
        Assert.Equal(("Scale", "autoscaling"), ((string?)Resource(apps, "statefulsets/scale")["kind"], (string?)Resource(apps, "statefulsets/scale")["group"]));
        Assert.Contains("policy", groups["groups"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.Equal("apps/v1", (string?)group["preferredVersion"]!["groupVersion"]);
    }

    [Case("user: kubectl 1.28 and newer")]
    public async Task All_of_it_comes_in_one_answer()
    {
        var answer = await Api.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json");

        var apps = answer.Expect(200)["items"]!.AsArray().Single(item => (string?)item!["metadata"]!["name"] == "apps")!;

        Assert.Equal("APIGroupDiscoveryList", (string?)answer.Body["kind"]);
        var sets = apps["versions"]!.AsArray().Single(version => (string?)version!["version"] == "v1")!["resources"]!.AsArray().Single(one => (string?)one!["resource"] == "statefulsets")!;
        Assert.Equal(("Namespaced", "StatefulSet"), ((string?)sets["scope"], (string?)sets["responseKind"]!["kind"]));
        Assert.Contains("status", sets["subresources"]!.AsArray().Select(one => (string)one!["subresource"]!));
    }

    [Case("user: kubectl version; probes of load balancers")]
    public async Task Version_and_health_are_told()
    {
        var version = (await Api.GetAsync("/version")).Expect(200);
        Assert.Equal("1", (string?)version["major"]);
        Assert.StartsWith("v1.", (string?)version["gitVersion"], StringComparison.Ordinal);
        foreach (var path in (string[])["/healthz", "/livez", "/readyz", "/livez/ping"])
        {
            var answer = await Api.GetAsync(path);
            Assert.Equal((200, "ok"), (answer.Status, answer.Text));
        }

        var details = await Api.GetAsync("/readyz?verbose");
        Assert.Contains("[+]ping ok\n", details.Text, StringComparison.Ordinal);
        Assert.EndsWith("readyz check passed\n", details.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await Api.GetAsync("/healthz/nothing")).Status);
    }

    [Case("user: kubectl explain, kubectl apply")]
    public async Task Types_are_described_in_OpenAPI_3()
    {
        var index = (await Api.GetAsync("/openapi/v3")).Expect(200);
        var apps = (await Api.GetAsync((string)index["paths"]!["apis/apps/v1"]!["serverRelativeURL"]!)).Expect(200);

        var schemas = apps["components"]!["schemas"]!.AsObject();
        var set = schemas.Single(schema => schema.Value?["x-kubernetes-group-version-kind"]?.AsArray().Any(gvk => (string?)gvk!["kind"] == "StatefulSet" && (string?)gvk["group"] == "apps") == true);
        Assert.NotNull(set.Value!["properties"]!["spec"]);
        Assert.Equal("integer", (string?)schemas["io.k8s.api.apps.v1.StatefulSetSpec"]!["properties"]!["replicas"]!["type"]);
        Assert.Contains("/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}", apps["paths"]!.AsObject().Select(path => path.Key));
    }

    static JsonNode Resource(JsonObject list, string name) => list["resources"]!.AsArray().Single(resource => (string?)resource!["name"] == name)!;
}
