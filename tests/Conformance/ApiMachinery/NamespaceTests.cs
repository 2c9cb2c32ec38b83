using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>Namespaces, and their end.</summary>
public sealed class NamespaceTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    string Other => $"{Namespace}-x";

    [Case("operator: every namespaced object")]
    public async Task A_namespace_is_labelled_with_its_name_and_active()
    {
        var ns = (await Api.GetAsync($"/api/v1/namespaces/{Namespace}")).Expect(200);
        Assert.Equal(Namespace, (string?)ns["metadata"]!["labels"]!["kubernetes.io/metadata.name"]);
        Assert.Equal("Active", (string?)ns["status"]!["phase"]);
        Assert.Equal("""["kubernetes"]""", ns["spec"]!["finalizers"]!.ToJsonString());
    }

    [Case("user: kubectl delete namespace")]
    public async Task It_takes_its_contents_with_it()
    {
        (await Api.PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Other } })).Expect(201);
        (await Api.PostAsync($"/api/v1/namespaces/{Other}/configmaps", Manifest.ConfigMap("a"))).Expect(201);

        var deleting = (await Api.DeleteAsync($"/api/v1/namespaces/{Other}")).Expect(200);

        Assert.Equal("Terminating", (string?)deleting["status"]?["phase"] ?? "Terminating");
        await Api.AwaitGoneAsync($"/api/v1/namespaces/{Other}");
        (await Api.GetAsync($"/api/v1/namespaces/{Other}/configmaps/a")).ExpectRefusal(404, "NotFound");
    }

    [Case("operator: a namespace that is being deleted")]
    public async Task Nothing_new_comes_into_one_that_ends_and_it_waits_for_the_last()
    {
        (await Api.PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Other } })).Expect(201);
        (await Api.PostAsync($"/api/v1/namespaces/{Other}/configmaps", Manifest.Json("""{"metadata":{"name":"held","finalizers":["example.com/hold"]}}"""))).Expect(201);
        (await Api.DeleteAsync($"/api/v1/namespaces/{Other}")).Expect(200);

        var refused = (await Api.PostAsync($"/api/v1/namespaces/{Other}/configmaps", Manifest.ConfigMap("late"))).ExpectRefusal(403, "Forbidden");

        Assert.Equal($"configmaps \"late\" is forbidden: unable to create new content in namespace {Other} because it is being terminated", refused.Message);
        Assert.Equal([("metadata.namespace", "NamespaceTerminating", $"namespace {Other} is being terminated")], refused.Causes);
        await Api.AwaitAsync($"/api/v1/namespaces/{Other}/configmaps/held", held => held["metadata"]!["deletionTimestamp"] is not null, "to be deleted with its namespace");
        Assert.Equal("Terminating", (string?)(await Api.GetAsync($"/api/v1/namespaces/{Other}")).Expect(200)["status"]!["phase"]);
        (await Api.PatchAsync($"/api/v1/namespaces/{Other}/configmaps/held", PatchType.Merge, Manifest.Json("""{"metadata":{"finalizers":null}}"""))).Expect(200);
        await Api.AwaitGoneAsync($"/api/v1/namespaces/{Other}");
    }

    [Case("controllers: finalizers of namespaces")]
    public async Task Its_finalizers_are_changed_through_finalize_alone()
    {
        (await Api.PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Other } })).Expect(201);

        var patched = (await Api.PatchAsync($"/api/v1/namespaces/{Other}", PatchType.Merge, Manifest.Json("""{"spec":{"finalizers":["example.com/a"]}}"""))).Expect(200);
        var finalized = (await Api.PutAsync($"/api/v1/namespaces/{Other}/finalize", Finalizers("kubernetes", "example.com/a"))).Expect(200);
        (await Api.DeleteAsync($"/api/v1/namespaces/{Other}")).Expect(200);
        var held = await Api.AwaitAsync($"/api/v1/namespaces/{Other}", ns => ns["metadata"]!["deletionTimestamp"] is not null, "to end");

        Assert.Equal("""["kubernetes"]""", patched["spec"]!["finalizers"]!.ToJsonString());
        Assert.Equal("""["kubernetes","example.com/a"]""", finalized["spec"]!["finalizers"]!.ToJsonString());
        Assert.Contains("example.com/a", held["spec"]!["finalizers"]!.ToJsonString(), StringComparison.Ordinal);
        (await Api.PutAsync($"/api/v1/namespaces/{Other}/finalize", Finalizers())).Expect(200);
        await Api.AwaitGoneAsync($"/api/v1/namespaces/{Other}");

        JsonObject Finalizers(params string[] names) => new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = Other },
            ["spec"] = new JsonObject { ["finalizers"] = new JsonArray([.. names.Select(name => (JsonNode)name)]) },
        };
    }

    [Case("user: a mistaken deletion")]
    public async Task Some_cannot_be_deleted_and_they_never_go_all_at_once()
    {
        var refused = (await Api.DeleteAsync("/api/v1/namespaces/default?dryRun=All")).ExpectRefusal(403, "Forbidden");
        Assert.Equal("namespaces \"default\" is forbidden: this namespace may not be deleted", refused.Message);
        (await Api.DeleteAsync("/api/v1/namespaces?dryRun=All")).ExpectRefusal(405, "MethodNotAllowed");
    }
}
