using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.ApiMachinery;

/// <summary>Server-side apply: who owns what, and what follows from it.</summary>
public sealed class ApplyTests(ClusterUnderTest cluster) : ConformanceTest(cluster)
{
    [Case("operator: every desired object")]
    public async Task An_apply_creates_the_object_and_says_who_owns_what()
    {
        var made = (await ApplyAsync("one", ("k", "v"))).Expect(201);

        var entry = Assert.Single(made["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Equal(("one", "Apply", "v1", "FieldsV1"), ((string?)entry["manager"], (string?)entry["operation"], (string?)entry["apiVersion"], (string?)entry["fieldsType"]));
        Assert.Equal("""{"f:data":{"f:k":{}}}""", entry["fieldsV1"]!.ToJsonString());
        Assert.Null(entry["subresource"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string?)entry["time"]);
    }

    [Case("operator: law 7, a settled cluster writes nothing")]
    public async Task The_same_apply_again_changes_nothing()
    {
        var made = (await ApplyAsync("one", ("k", "v"))).Expect(201);
        var again = (await ApplyAsync("one", ("k", "v"))).Expect(200);
        Assert.Equal((string?)made["metadata"]!["resourceVersion"], (string?)again["metadata"]!["resourceVersion"]);
    }

    [Case("operator: fields it no longer sets")]
    public async Task What_is_no_longer_applied_goes()
    {
        (await ApplyAsync("one", ("k", "v"), ("l", "w"))).Expect(201);
        var applied = (await ApplyAsync("one", ("l", "w"))).Expect(200);
        Assert.Equal("""{"l":"w"}""", applied["data"]!.ToJsonString());
    }

    [Case("operator: fields of others")]
    public async Task What_others_own_stays()
    {
        (await ApplyAsync("one", ("k", "v"), ("l", "w"))).Expect(201);
        (await ApplyAsync("two", ("k", "v"))).Expect(200);
        (await Api.PatchAsync(Core("configmaps/a?fieldManager=three"), PatchType.Merge, Manifest.Json("""{"data":{"m":"x"}}"""))).Expect(200);

        var applied = (await ApplyAsync("one", ("l", "w"))).Expect(200);

        Assert.Equal((string[])["k", "l", "m"], applied["data"]!.AsObject().Select(pair => pair.Key).Order());
        var gone = (await ApplyAsync("two")).Expect(200);
        Assert.Equal((string[])["l", "m"], gone["data"]!.AsObject().Select(pair => pair.Key).Order());
    }

    [Case("operator: somebody else changes its objects")]
    public async Task Changing_what_another_owns_is_a_conflict()
    {
        (await ApplyAsync("one", ("k", "v"))).Expect(201);

        var refused = (await ApplyAsync("two", ("k", "w"))).ExpectRefusal(409, "Conflict");

        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .data.k", refused.Message);
        Assert.Equal([(".data.k", "FieldManagerConflict", "conflict with \"one\"")], refused.Causes);
    }

    [Case("operator: somebody else changes its objects")]
    public async Task All_conflicts_are_told_by_manager()
    {
        (await ApplyAsync("one", ("k", "v"), ("l", "w"))).Expect(201);
        (await Api.PatchAsync(Core("configmaps/a?fieldManager=someone"), PatchType.Merge, Manifest.Json("""{"data":{"m":"x"}}"""))).Expect(200);

        var refused = (await ApplyAsync("two", ("k", "1"), ("l", "2"), ("m", "3"))).ExpectRefusal(409, "Conflict");

        Assert.StartsWith("Apply failed with 3 conflicts: conflicts with \"one\":\n- .data.k\n- .data.l\nconflicts with \"someone\" using v1", refused.Message, StringComparison.Ordinal);
        Assert.Equal((string[])[".data.k", ".data.l", ".data.m"], refused.Causes.Select(cause => cause.Field).Order());
        Assert.All(refused.Causes, cause => Assert.Equal("FieldManagerConflict", cause.Reason));
    }

    [Case("operator: its own objects are its own")]
    public async Task Force_takes_over()
    {
        (await ApplyAsync("one", ("k", "v"), ("l", "w"))).Expect(201);

        var taken = (await Api.ApplyAsync(Core("configmaps/a"), "two", Manifest.ConfigMap("a", ("k", "x")), force: true)).Expect(200);

        Assert.Equal("x", (string?)taken["data"]!["k"]);
        Assert.Equal("""{"f:data":{"f:l":{}}}""", FieldsOf(taken, "one"));
        Assert.Equal("""{"f:data":{"f:k":{}}}""", FieldsOf(taken, "two"));
    }

    [Case("user: kubectl edit of an applied object")]
    public async Task An_update_takes_over_what_it_changes()
    {
        (await ApplyAsync("one", ("k", "v"), ("l", "w"))).Expect(201);

        var updated = (await Api.PatchAsync(Core("configmaps/a?fieldManager=hand"), PatchType.Merge, Manifest.Json("""{"data":{"k":"x"}}"""))).Expect(200);

        Assert.Equal("""{"f:data":{"f:l":{}}}""", FieldsOf(updated, "one"));
        Assert.Equal("""{"f:data":{"f:k":{}}}""", FieldsOf(updated, "hand"));
        Assert.Equal("Update", (string?)Entry(updated, "hand")["operation"]);
        var refused = (await ApplyAsync("one", ("k", "v"), ("l", "w"))).ExpectRefusal(409, "Conflict");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"hand\" using v1: .data.k", refused.Message);
    }

    [Case("operator: Service ports, containers and mounts")]
    public async Task Items_of_keyed_lists_are_owned_one_by_one()
    {
        (await Api.ApplyAsync(Core("services/s"), "one", Service("{name: p, port: 1}", "{name: q, port: 2, protocol: TCP}"))).Expect(201);

        var two = (await Api.ApplyAsync(Core("services/s"), "two", Service("{name: r, port: 3, protocol: TCP}"))).Expect(200);
        var one = (await Api.ApplyAsync(Core("services/s"), "one", Service("{name: q, port: 2, protocol: TCP}"))).Expect(200);

        Assert.Contains("k:{\"port\":1,\"protocol\":\"TCP\"}", Entry(two, "one")["fieldsV1"]!["f:spec"]!["f:ports"]!.AsObject().Select(pair => pair.Key));
        Assert.Equal((string[])["q", "r"], one["spec"]!["ports"]!.AsArray().Select(port => (string)port!["name"]!).Order());
    }

    [Case("operator: status by apply")]
    public async Task Subresources_have_entries_of_their_own()
    {
        var path = Group("policy/v1", "poddisruptionbudgets/a");
        (await Api.ApplyAsync(path, "one", Budget("spec: {maxUnavailable: 1, selector: {matchLabels: {none: such}}}"))).Expect(201);

        var applied = (await Api.ApplyAsync($"{path}/status", "one", Budget("status: {expectedPods: 3, currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0}"), force: true)).Expect(200);

        var entries = applied["metadata"]!["managedFields"]!.AsArray().Where(entry => (string?)entry!["manager"] == "one").ToList();
        Assert.Equal((string?[])[null, "status"], entries.Select(entry => (string?)entry!["subresource"]).Order());
        Assert.Contains("f:expectedPods", entries.Single(entry => (string?)entry!["subresource"] == "status")!["fieldsV1"]!["f:status"]!.AsObject().Select(pair => pair.Key));
        (await Api.ApplyAsync(Group("policy/v1", "poddisruptionbudgets/none/status"), "one", Named(Budget("status: {expectedPods: 3}"), "none"))).ExpectRefusal(404, "NotFound");
    }

    [Case("user: kubectl scale of an applied StatefulSet")]
    public async Task A_conflict_with_a_subresource_says_so()
    {
        var path = Group("apps/v1", "statefulsets/a");
        (await Api.ApplyAsync(path, "one", StatefulSet(replicas: 0))).Expect(201);
        (await Api.PatchAsync($"{path}/scale?fieldManager=hand", PatchType.Merge, Manifest.Json("""{"spec":{"replicas":1}}"""))).Expect(200);

        var refused = (await Api.ApplyAsync(path, "one", StatefulSet(replicas: 0))).ExpectRefusal(409, "Conflict");

        Assert.Equal("Apply failed with 1 conflict: conflict with \"hand\" with subresource \"scale\" using apps/v1: .spec.replicas", refused.Message);
        (await Api.PatchAsync($"{path}/scale", PatchType.Merge, Manifest.Json("""{"spec":{"replicas":0}}"""))).Expect(200);
    }

    [Case("operator: conditional applies")]
    public async Task A_version_in_an_apply_is_a_precondition()
    {
        (await ApplyAsync("one", ("k", "v"))).Expect(201);
        var body = Manifest.ConfigMap("a", ("k", "w"));
        body["metadata"]!["resourceVersion"] = "1";
        (await Api.ApplyAsync(Core("configmaps/a"), "one", body)).ExpectRefusal(409, "Conflict");
    }

    [Case("user: an apply that cannot be")]
    public async Task What_an_apply_must_say_and_must_not()
    {
        (await ApplyAsync("one", ("k", "v"))).Expect(201);

        var nobody = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Apply, Manifest.ConfigMap("a"))).ExpectRefusal(422, "Invalid");
        var forced = (await Api.PatchAsync(Core("configmaps/a?force=true"), PatchType.Merge, Manifest.Json("{}"))).ExpectRefusal(422, "Invalid");
        var managed = Manifest.ConfigMap("a");
        managed["metadata"]!["managedFields"] = new JsonArray(new JsonObject { ["manager"] = "x" });
        var withFields = (await Api.ApplyAsync(Core("configmaps/a"), "one", managed)).ExpectRefusal(400, "BadRequest");
        var kindless = (await Api.ApplyAsync(Core("configmaps/a"), "one", Manifest.Json("""{"metadata":{"name":"a"}}"""))).ExpectRefusal(400, "BadRequest");
        var longName = (await Api.PatchAsync(Core($"configmaps/a?fieldManager={new string('m', 129)}"), PatchType.Merge, Manifest.Json("{}"))).ExpectRefusal(422, "Invalid");

        Assert.Equal("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch", nobody.Message);
        Assert.Equal("PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch", forced.Message);
        Assert.Equal("metadata.managedFields must be nil", withFields.Message);
        Assert.Equal("invalid object type: /, Kind=", kindless.Message);
        Assert.Equal("fieldManager", Assert.Single(longName.Causes).Field);
    }

    [Case("user: kubectl apply --server-side with a typing error")]
    public async Task A_field_that_nobody_knows_cannot_be_owned()
    {
        var body = Manifest.ConfigMap("a");
        body["dat"] = new JsonObject();
        var refused = await Api.ApplyAsync(Core("configmaps/a"), "one", body);
        Assert.Equal(500, refused.Status);
        Assert.EndsWith("Kind=ConfigMap): .dat: field not declared in schema", refused.Message, StringComparison.Ordinal);
    }

    [Case("user: kubectl apply --server-side of what kubectl apply made")]
    public async Task The_list_of_owners_can_be_cleared()
    {
        (await ApplyAsync("one", ("k", "v"))).Expect(201);
        var cleared = (await Api.PatchAsync(Core("configmaps/a"), PatchType.Json, Manifest.Json("""[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]"""))).Expect(200);
        Assert.Null(cleared["metadata"]!["managedFields"]);
    }

    [Case("operator: what its writes look like to others")]
    public async Task A_plain_create_is_an_update_by_the_user_agent()
    {
        var made = (await Api.PostAsync(Core("configmaps?fieldManager=maker"), Manifest.Yaml("{metadata: {name: b, labels: {x: z}}, data: {k: v}}"))).Expect(201);

        Assert.Equal("Update", (string?)Entry(made, "maker")["operation"]);
        Assert.Equal("""{"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:x":{}}}}""", FieldsOf(made, "maker"));
    }

    Task<ApiAnswer> ApplyAsync(string manager, params (string Key, string Value)[] data)
    {
        var body = Manifest.ConfigMap("a", data);
        if (data.Length == 0)
        {
            body.Remove("data");
        }

        return Api.ApplyAsync(Core("configmaps/a"), manager, body);
    }

    static JsonNode Entry(JsonObject obj, string manager) => obj["metadata"]!["managedFields"]!.AsArray().Single(entry => (string?)entry!["manager"] == manager)!;

    static string FieldsOf(JsonObject obj, string manager) => Entry(obj, manager)["fieldsV1"]!.ToJsonString();

    static JsonObject Service(params string[] ports) => Manifest.Yaml($"{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {{clusterIP: None, ports: [{string.Join(", ", ports)}]}}}}");

    static JsonObject Budget(string rest) => Manifest.Yaml($"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: a}}\n{rest}\n");

    static JsonObject Named(JsonObject obj, string name)
    {
        obj["metadata"]!["name"] = name;
        return obj;
    }

    static JsonObject StatefulSet(int replicas) => Manifest.Yaml($$$"""
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: a}
        spec:
          serviceName: a
          replicas: {{{replicas}}}
          selector: {matchLabels: {app: a}}
          template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: "debian:12", command: [sleep, "60"]}]}}
        """);
}
