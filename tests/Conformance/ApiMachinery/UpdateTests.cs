using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>Replacing objects: versions, generations, and what may not change.</summary>
public sealed class UpdateTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: law 7, a settled cluster writes nothing")]
    public async Task An_update_that_changes_nothing_keeps_the_version()
    {
        var made = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);

        var same = (await Api.PutAsync(Core("configmaps/a"), made)).Expect(200);

        Assert.Equal((string?)made["metadata"]!["resourceVersion"], (string?)same["metadata"]!["resourceVersion"]);
    }

    [Case("operator: leader election")]
    public async Task An_update_from_an_older_version_is_a_conflict()
    {
        var made = (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);
        (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"data":{"k":"w"}}"""))).Expect(200);

        var late = (await Api.PutAsync(Core("configmaps/a"), made)).ExpectRefusal(409, "Conflict");

        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", late.Message);
        Assert.Equal(("a", "configmaps"), ((string?)late.Body["details"]!["name"], (string?)late.Body["details"]!["kind"]));
    }

    [Case("user: kubectl replace")]
    public async Task Without_a_version_the_last_one_wins()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a", ("k", "v")))).Expect(201);

        var replaced = (await Api.PutAsync(Core("configmaps/a"), Manifest.ConfigMap("a", ("l", "w")))).Expect(200);

        Assert.Equal("""{"l":"w"}""", replaced["data"]!.ToJsonString());
    }

    [Case("operator: never acts on a successor")]
    public async Task A_uid_in_an_update_is_a_precondition()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);
        var body = Manifest.ConfigMap("a");
        body["metadata"]!["uid"] = "00000000-0000-4000-8000-000000000000";

        var refused = (await Api.PutAsync(Core("configmaps/a"), body)).ExpectRefusal(409, "Conflict");

        Assert.Contains("Precondition failed: UID in precondition: 00000000-0000-4000-8000-000000000000, UID in object meta: ", refused.Message, StringComparison.Ordinal);
    }

    [Case("user: kubectl replace")]
    public async Task Name_and_existence_are_checked()
    {
        (await Api.PostAsync(Core("configmaps"), Manifest.ConfigMap("a"))).Expect(201);

        var other = (await Api.PutAsync(Core("configmaps/a"), Manifest.ConfigMap("b"))).ExpectRefusal(400, "BadRequest");
        var missing = (await Api.PutAsync(Core("configmaps/none"), Manifest.ConfigMap("none"))).ExpectRefusal(404, "NotFound");

        Assert.Equal("the name of the object (b) does not match the name on the URL (a)", other.Message);
        Assert.Equal("configmaps \"none\" not found", missing.Message);
    }

    [Case("operator: observedGeneration")]
    public async Task Generation_counts_changes_of_the_spec_alone()
    {
        var path = Group("policy/v1", "poddisruptionbudgets/a");
        (await Api.PostAsync(Group("policy/v1", "poddisruptionbudgets"), Budget())).Expect(201);

        var labelled = (await Api.PatchAsync(path, PatchType.Merge, Manifest.Json("""{"metadata":{"labels":{"x":"y"}}}"""))).Expect(200);
        var status = (await Api.PatchAsync($"{path}/status", PatchType.Merge, Manifest.Json("""{"status":{"expectedPods":3}}"""))).Expect(200);
        var changed = (await Api.PatchAsync(path, PatchType.Merge, Manifest.Json("""{"spec":{"maxUnavailable":2}}"""))).Expect(200);

        Assert.Equal((1, 1, 2), (Generation(labelled), Generation(status), Generation(changed)));
    }

    [Case("operator: status writes")]
    public async Task Object_and_status_are_written_apart()
    {
        var path = Group("policy/v1", "poddisruptionbudgets/a");
        (await Api.PostAsync(Group("policy/v1", "poddisruptionbudgets"), Budget())).Expect(201);

        var byObject = (await Api.PatchAsync(path, PatchType.Merge, Manifest.Json("""{"spec":{"maxUnavailable":2},"status":{"desiredHealthy":77}}"""))).Expect(200);
        var byStatus = (await Api.PatchAsync($"{path}/status", PatchType.Merge, Manifest.Json("""{"spec":{"maxUnavailable":9},"status":{"desiredHealthy":88},"metadata":{"labels":{"x":"y"}}}"""))).Expect(200);

        Assert.Equal((2, false), ((int?)byObject["spec"]!["maxUnavailable"], (int?)byObject["status"]?["desiredHealthy"] == 77));
        Assert.Equal((2, 88), ((int?)byStatus["spec"]!["maxUnavailable"], (int?)byStatus["status"]!["desiredHealthy"]));
    }

    [Case("user: immutable ConfigMaps")]
    public async Task What_is_immutable_cannot_be_changed()
    {
        var body = Manifest.ConfigMap("a", ("k", "v"));
        body["immutable"] = true;
        (await Api.PostAsync(Core("configmaps"), body)).Expect(201);

        var refused = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Merge, Manifest.Json("""{"data":{"k":"w"}}"""))).ExpectRefusal(422, "Invalid");

        Assert.Equal("ConfigMap \"a\" is invalid: data: Forbidden: field is immutable when `immutable` is set", refused.Message);
        Assert.Contains(("data", "FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set"), refused.Causes);
    }

    static JsonObject Budget() => Manifest.Yaml("""
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: a}
        spec: {maxUnavailable: 1, selector: {matchLabels: {none: such}}}
        """);

    static int? Generation(JsonObject obj) => (int?)obj["metadata"]!["generation"];
}
