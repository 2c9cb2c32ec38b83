using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>How objects go.</summary>
public sealed class DeletionTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("user: kubectl delete")]
    public async Task A_deletion_is_answered_with_what_went()
    {
        var made = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);

        var gone = (await Api.DeleteAsync(Core("configmaps/a"))).Expect(200);

        Assert.Equal(("Status", "Success"), ((string?)gone["kind"], (string?)gone["status"]));
        Assert.Equal(("a", "configmaps", (string?)made["metadata"]!["uid"]), ((string?)gone["details"]!["name"], (string?)gone["details"]!["kind"], (string?)gone["details"]!["uid"]));
        Assert.Equal("configmaps \"a\" not found", (await Api.DeleteAsync(Core("configmaps/a"))).ExpectRefusal(404, "NotFound").Message);
    }

    [Case("operator: never deletes a successor")]
    public async Task Preconditions_protect_a_successor()
    {
        var made = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);

        var uid = (await Api.DeleteAsync(Core("configmaps/a"), Manifest.Json("""{"preconditions":{"uid":"other"}}"""))).ExpectRefusal(409, "Conflict");
        var version = (await Api.DeleteAsync(Core("configmaps/a"), Manifest.Json("""{"preconditions":{"resourceVersion":"1"}}"""))).ExpectRefusal(409, "Conflict");

        Assert.Equal($"Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not match the UID in record ({made["metadata"]!["uid"]}). The object might have been deleted and then recreated", uid.Message);
        Assert.Equal($"Operation cannot be fulfilled on ConfigMap \"a\": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record ({made["metadata"]!["resourceVersion"]}). The object might have been modified", version.Message);
        (await Api.DeleteAsync(Core("configmaps/a"), new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = (string?)made["metadata"]!["uid"] } })).Expect(200);
    }

    [Case("controllers: finalizers")]
    public async Task A_finalizer_holds_an_object_until_it_is_removed()
    {
        (await CreateAsync("a", "example.com/hold")).Expect(201);

        var held = (await Api.DeleteAsync(Core("configmaps/a"))).Expect(200);
        var again = (await Api.DeleteAsync(Core("configmaps/a"))).Expect(200);
        var kept = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"data":{"k":"v"},"metadata":{"deletionTimestamp":null}}"""))).Expect(200);
        var refused = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}"""))).ExpectRefusal(422, "Invalid");
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"metadata":{"finalizers":null}}"""))).Expect(200);

        Assert.NotNull(held["metadata"]!["deletionTimestamp"]);
        Assert.Equal(0, (int?)held["metadata"]!["deletionGracePeriodSeconds"]);
        Assert.Equal((string?)held["metadata"]!["resourceVersion"], (string?)again["metadata"]!["resourceVersion"]);
        Assert.NotNull(kept["metadata"]!["deletionTimestamp"]);
        Assert.Contains("metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"example.com/more\"}", refused.Message, StringComparison.Ordinal);
        (await Api.GetAsync(Core("configmaps/a"))).ExpectRefusal(404, "NotFound");
    }

    [Case("user: applies again what is still being deleted")]
    public async Task The_name_of_what_is_being_deleted_is_taken()
    {
        (await CreateAsync("a", "example.com/hold")).Expect(201);
        (await Api.DeleteAsync(Core("configmaps/a"))).Expect(200);

        var refused = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).ExpectRefusal(409, "AlreadyExists");

        Assert.Equal("object is being deleted: configmaps \"a\" already exists", refused.Message);
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"metadata":{"finalizers":null}}"""))).Expect(200);
    }

    [Case("user: kubectl delete --cascade")]
    public async Task What_becomes_of_dependents_stands_in_a_finalizer()
    {
        foreach (var (policy, finalizers) in new Dictionary<string, string> { ["Foreground"] = "example.com/hold foregroundDeletion", ["Orphan"] = "example.com/hold orphan", ["Background"] = "example.com/hold" })
        {
            (await CreateAsync("a", "example.com/hold")).Expect(201);
            var held = (await Api.DeleteAsync(Core($"configmaps/a?propagationPolicy={policy}"))).Expect(200);
            Assert.Equal(finalizers, string.Join(' ', held["metadata"]!["finalizers"]!.AsArray().Select(one => (string)one!).Order()));
            (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"metadata":{"finalizers":null}}"""))).Expect(200);
            await Api.AwaitGoneAsync(Core("configmaps/a"));
        }
    }

    [Case("user: a mistaken deletion")]
    public async Task Options_that_make_no_sense_are_refused()
    {
        (await CreateAsync("a")).Expect(201);

        var policy = (await Api.DeleteAsync(Core("configmaps/a?propagationPolicy=Sometimes"))).ExpectRefusal(422, "Invalid");
        var both = (await Api.DeleteAsync(Core("configmaps/a"), Manifest.Json("""{"propagationPolicy":"Orphan","orphanDependents":true}"""))).ExpectRefusal(422, "Invalid");
        (await Api.DeleteAsync(Core("configmaps/a"), Manifest.ConfigMap("a"))).ExpectRefusal(400, "BadRequest");

        Assert.StartsWith("DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Sometimes\": supported values: ", policy.Message, StringComparison.Ordinal);
        Assert.Equal("propagationPolicy", Assert.Single(both.Causes).Field);
        (await Api.GetAsync(Core("configmaps/a"))).Expect(200);
    }

    [Case("user: kubectl delete -l")]
    public async Task A_collection_is_deleted_by_selector()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            (await Api.PostAsync(Core("configmaps"), Manifest.Json($$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"x":"{{{{(name == "c" ? "2" : "1")}}}}"}}}"""))).Expect(201);
        }

        var dry = (await Api.DeleteAsync(Core("configmaps?labelSelector=x%3D1&dryRun=All"))).Expect(200);
        var deleted = (await Api.DeleteAsync(Core("configmaps?labelSelector=x%3D1"))).Expect(200);

        Assert.Equal(2, dry["items"]!.AsArray().Count);
        Assert.Equal(("ConfigMapList", 2), ((string?)deleted["kind"], deleted["items"]!.AsArray().Count));
        var left = (await Api.GetAsync(Core("configmaps?labelSelector=x"))).Expect(200);
        Assert.Equal("c", (string?)Assert.Single(left["items"]!.AsArray())!["metadata"]!["name"]);
    }

    [Case("operator: pods that were never scheduled")]
    public async Task A_pod_without_a_host_goes_at_once()
    {
        (await Api.PostAsync(Core("pods"), Pod("a"))).Expect(201);

        var gone = (await Api.DeleteAsync(Core("pods/a"))).Expect(200);

        Assert.Equal("Pod", (string?)gone["kind"]);
        Assert.Equal(0, (int?)gone["metadata"]!["deletionGracePeriodSeconds"]);
        (await Api.GetAsync(Core("pods/a"))).ExpectRefusal(404, "NotFound");
    }

    [Case("operator: law 4, pods of a silent host; user: kubectl delete --force")]
    public async Task A_pod_on_a_host_ends_with_grace_which_can_be_shortened_and_not_lengthened()
    {
        var pod = Pod("a");
        pod["spec"]!["nodeName"] = $"{Namespace}-ghost";
        (await Api.PostAsync(Core("pods"), pod)).Expect(201);

        var ending = (await Api.DeleteAsync(Core("pods/a"))).Expect(200);
        var shorter = (await Api.DeleteAsync(Core("pods/a?gracePeriodSeconds=50"))).Expect(200);
        var longer = (await Api.DeleteAsync(Core("pods/a?gracePeriodSeconds=500"))).Expect(200);

        Assert.Equal((100, 50, 50), (Grace(ending), Grace(shorter), Grace(longer)));
        var ends = DateTimeOffset.Parse((string)ending["metadata"]!["deletionTimestamp"]!) - DateTimeOffset.Parse((string)ending["metadata"]!["creationTimestamp"]!);
        Assert.InRange(ends, TimeSpan.FromSeconds(99), TimeSpan.FromSeconds(160));
        (await Api.DeleteAsync(Core("pods/a"), Manifest.Json("""{"gracePeriodSeconds":0}"""))).Expect(200);
        (await Api.GetAsync(Core("pods/a"))).ExpectRefusal(404, "NotFound");
    }

    Task<ApiAnswer> CreateAsync(string name, params string[] finalizers) => Api.PostAsync(Core("configmaps"), new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["finalizers"] = new JsonArray([.. finalizers.Select(one => (JsonNode)one)]) },
    });

    static int? Grace(JsonObject obj) => (int?)obj["metadata"]!["deletionGracePeriodSeconds"];

    JsonObject Pod(string name)
    {
        var pod = Manifest.Pod(name, "sleep 60");
        pod["spec"]!["terminationGracePeriodSeconds"] = 100;
        pod["spec"]!["nodeSelector"] = new JsonObject { ["example.com/nowhere"] = Namespace };
        return pod;
    }
}
