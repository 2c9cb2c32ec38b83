using Slotwise.ObjectStore.Apply;

namespace Slotwise.ObjectStore.Tests;

/// <summary>The cases of the Kubernetes page "Server-Side Apply", and those of structured-merge-diff that it leaves out.</summary>
public sealed class ApplyTests
{
    readonly World _world = new();

    [Fact]
    public void An_apply_creates_and_records_exactly_the_given_fields()
    {
        var applied = _world.Apply("configmaps", """{"metadata":{"name":"a","labels":{"l":"x"}},"data":{"k":"v"}}""", "one");

        var entry = Assert.Single(applied.Object("metadata").Array("managedFields")!.OfType<JsonObject>());
        Assert.Equal("one", entry.Text("manager"));
        Assert.Equal("Apply", entry.Text("operation"));
        Assert.Equal("""{"f:data":{"f:k":{}},"f:metadata":{"f:labels":{"f:l":{}}}}""", entry.Object("fieldsV1")!.ToJsonString());
    }

    [Fact]
    public void Fields_no_longer_applied_are_removed_and_others_stay()
    {
        _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"1","gone":"2"}}""", "one");
        _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"theirs":"3"}}""", "two");

        var applied = _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"1"}}""", "one");

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"k":"1","theirs":"3"}"""), applied["data"]));
    }

    [Fact]
    public void A_field_that_two_applied_stays_until_both_let_go()
    {
        _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"1"}}""", "one");
        _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"1"}}""", "two");

        Assert.Equal("1", _world.Apply("configmaps", """{"metadata":{"name":"a"}}""", "one").Object("data").Text("k"));
        Assert.Null(_world.Apply("configmaps", """{"metadata":{"name":"a"}}""", "two")["data"]?["k"]);
    }

    [Fact]
    public void Changing_the_field_of_another_is_a_conflict_unless_forced()
    {
        _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"1"}}""", "one");

        var refused = Assert.Throws<KubernetesApiException>(() => _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"2"}}""", "two"));
        Assert.True(refused.IsConflict);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .data.k", refused.Message);
        var cause = Assert.Single(refused.Status.Details!.Causes!);
        Assert.Equal(("FieldManagerConflict", ".data.k"), (cause.Reason, cause.Field));

        var forced = _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"2"}}""", "two", force: true);
        Assert.Equal("2", forced.Object("data").Text("k"));
        Assert.Equal("two", Assert.Single(forced.Object("metadata").Array("managedFields")!.OfType<JsonObject>()).Text("manager"));
    }

    [Fact]
    public void An_update_takes_over_what_it_changes()
    {
        _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"1","l":"1"}}""", "one");
        _world.Patch("configmaps", "a", PatchType.Merge, """{"data":{"k":"2"}}""", manager: "editor");

        var refused = Assert.Throws<KubernetesApiException>(() => _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"k":"1","l":"1"}}""", "one"));

        Assert.Equal("Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.k", refused.Message);
        Assert.Equal("2", _world.Apply("configmaps", """{"metadata":{"name":"a"},"data":{"l":"1"}}""", "one").Object("data").Text("k"));
    }

    [Fact]
    public void An_apply_of_the_same_changes_nothing()
    {
        const string Set = """{"metadata":{"name":"s"},"spec":{"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}""";
        var first = _world.Apply("statefulsets", Set, "one");
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        var second = _world.Apply("statefulsets", Set, "one");
        Assert.Equal(Meta.ResourceVersion(first), Meta.ResourceVersion(second));
        Assert.Equal(1, Meta.Generation(second));
    }

    [Fact]
    public void Defaults_are_filled_in_and_owned_by_nobody()
    {
        var applied = _world.Apply("services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}],"selector":{"a":"b"}}}""", "one");

        Assert.Equal("ClusterIP", applied.At("spec.type").AsText());
        Assert.Equal("10.96.0.10", applied.At("spec.clusterIP").AsText());
        Assert.Equal(80, applied.Object("spec").Array("ports")![0].As().Number("targetPort"));
        // A second manager may set what only the server chose.
        Assert.Equal("ClientIP", _world.Apply("services", """{"metadata":{"name":"s"},"spec":{"sessionAffinity":"ClientIP"}}""", "two").At("spec.sessionAffinity").AsText());
    }

    [Fact]
    public void Containers_are_merged_by_name_and_env_by_name()
    {
        _world.Apply("statefulsets", Set("""[{"name":"c","image":"i:1","env":[{"name":"A","value":"1"}]}]"""), "one");
        _world.Apply("statefulsets", Partial("""[{"name":"c","env":[{"name":"B","value":"2"}]},{"name":"side","image":"s:1"}]"""), "two");

        var containers = _world.Get("statefulsets", "s").Object("spec").Object("template").Object("spec").Array("containers")!;
        Assert.Equal(["c", "side"], containers.OfType<JsonObject>().Select(container => container.Text("name")));
        Assert.Equal(["A", "B"], containers[0].As().Array("env")!.OfType<JsonObject>().Select(env => env.Text("name")));

        _world.Apply("statefulsets", Partial("""[{"name":"side","image":"s:1"}]"""), "two");
        containers = _world.Get("statefulsets", "s").Object("spec").Object("template").Object("spec").Array("containers")!;
        Assert.Equal(["A"], containers[0].As().Array("env")!.OfType<JsonObject>().Select(env => env.Text("name")));
        Assert.Equal("i:1", containers[0].As().Text("image"));

        static string Set(string containers) => """{"metadata":{"name":"s"},"spec":{"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":$}}}}""".Replace("$", containers, StringComparison.Ordinal);
        static string Partial(string containers) => """{"metadata":{"name":"s"},"spec":{"template":{"spec":{"containers":$}}}}""".Replace("$", containers, StringComparison.Ordinal);
    }

    [Fact]
    public void Status_is_tracked_apart()
    {
        const string Budget = """{"metadata":{"name":"p"},"spec":{"maxUnavailable":1}}""";
        _world.Apply("poddisruptionbudgets", Budget, "one");
        var status = _world.Apply("poddisruptionbudgets", """{"metadata":{"name":"p"},"status":{"disruptionsAllowed":1,"currentHealthy":2,"desiredHealthy":1,"expectedPods":2}}""", "one", subresource: "status");

        Assert.Equal(1, status.At("status.disruptionsAllowed").AsNumber());
        Assert.Equal(["", "status"], status.Object("metadata").Array("managedFields")!.OfType<JsonObject>().Select(entry => entry.Text("subresource") ?? "").Order());
        Assert.Equal(1, _world.Apply("poddisruptionbudgets", Budget, "one").At("status.disruptionsAllowed").AsNumber());
    }

    [Fact]
    public void Unknown_fields_are_refused()
    {
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Apply("configmaps", """{"metadata":{"name":"a"},"date":{}}""", "one"));
        Assert.EndsWith(".date: field not declared in schema", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Owner_references_and_finalizers_of_several_appliers_live_together()
    {
        _world.Apply("configmaps", """{"metadata":{"name":"a","finalizers":["x/one"],"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"1"}]}}""", "one");
        var both = _world.Apply("configmaps", """{"metadata":{"name":"a","finalizers":["x/two"],"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"q","uid":"2"}]}}""", "two");
        Assert.Equal(["x/one", "x/two"], Meta.Finalizers(both).Order());
        Assert.Equal(2, both.Object("metadata").Array("ownerReferences")!.Count);

        var rest = _world.Apply("configmaps", """{"metadata":{"name":"a"}}""", "one");
        Assert.Equal(["x/two"], Meta.Finalizers(rest));
    }

    [Fact]
    public void Field_sets_survive_their_text_form()
    {
        const string Fields = """{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{}}}}}""";
        Assert.Equal(Fields, FieldSet.From(World.Parse(Fields)).ToFieldsV1().ToJsonString().Replace("\\u0022", "\\\"", StringComparison.Ordinal));
    }
}

static class NodeExtensions
{
    public static JsonObject As(this JsonNode? node) => (JsonObject)node!;
}
