namespace Slotwise.ObjectStore.Tests;

public sealed class CustomKindTests
{
    const string Definition = """
        {"metadata":{"name":"toys.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"toys","kind":"Toy"},
         "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.count","statusReplicasPath":".status.count"}},
         "schema":{"openAPIV3Schema":{"type":"object","required":["spec"],"properties":{
           "spec":{"type":"object","required":["name"],"properties":{
             "name":{"type":"string","maxLength":5,"pattern":"^[a-z]*$"},
             "count":{"type":"integer","minimum":1,"maximum":5,"default":2},
             "color":{"type":"string","enum":["red","blue"]},
             "port":{"x-kubernetes-int-or-string":true},
             "parts":{"type":"array","maxItems":2,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["id"],"items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"size":{"type":"integer","default":1}}}},
             "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
           "status":{"type":"object","properties":{"count":{"type":"integer"}}}}}}}]}}
        """;

    readonly World _world = new();

    public CustomKindTests() => _world.Create("customresourcedefinitions", Definition);

    [Fact]
    public void A_definition_is_established_and_served_at_once()
    {
        var definition = _world.Get("customresourcedefinitions", "toys.example.com");
        Assert.Equal(["NamesAccepted", "Established"], definition.Object("status").Array("conditions")!.OfType<JsonObject>().Select(condition => condition.Text("type")));
        Assert.Equal("ToyList", _world.Kind("toys").ListKind);
    }

    [Fact]
    public void Defaults_are_filled_in_and_free_fields_kept()
    {
        var toy = _world.Create("toys", """{"metadata":{"name":"t"},"spec":{"name":"a","free":{"x":[1]},"parts":[{"id":"1"}]}}""");
        Assert.Equal(2, toy.At("spec.count").AsNumber());
        Assert.Equal(1, toy.Object("spec").Array("parts")![0].As().Number("size"));
        Assert.Equal("""{"x":[1]}""", toy.At("spec.free")!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"name":"a","count":"abc"}""", "[spec.count: Invalid value: \"string\": spec.count in body must be of type integer: \"string\", .spec.count: Invalid value: 0: .spec.count accessor error: abc is of the type string, expected int64]")]
    [InlineData("""{"name":"a","count":9}""", "spec.count: Invalid value: 9: spec.count in body should be less than or equal to 5")]
    [InlineData("""{"name":"a","count":0}""", "spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1")]
    [InlineData("""{"name":"a","count":1.5}""", "[spec.count: Invalid value: \"number\": spec.count in body must be of type integer: \"number\", <nil>: Invalid value: \"\": Checked value must be of type integer (default format) in spec.count, .spec.count: Invalid value: 0: .spec.count accessor error: 1.5 is of the type float64, expected int64]")]
    [InlineData("""{"name":"abcdef"}""", "spec.name: Too long: may not be more than 5 bytes")]
    [InlineData("""{"name":"A"}""", "spec.name: Invalid value: \"A\": spec.name in body should match '^[a-z]*$'")]
    [InlineData("""{"count":1}""", "spec.name: Required value")]
    [InlineData("""{"name":"a","color":"green"}""", "spec.color: Unsupported value: \"green\": supported values: \"red\", \"blue\"")]
    [InlineData("""{"name":"a","port":true}""", "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"name":"a","parts":[{"id":"1"},{"id":"1"}]}""", "spec.parts[1]: Duplicate value: {\"id\":\"1\"}")]
    [InlineData("""{"name":"a","parts":[{"id":"1"},{"id":"2"},{"id":"3"}]}""", "spec.parts: Too many: 3: must have at most 2 items")]
    public void Faults_are_named_by_field_and_value(string spec, string expected)
    {
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Create("toys", $$$"""{"metadata":{"name":"t"},"spec":{{{spec}}}}"""));
        Assert.Equal($"Toy.example.com \"t\" is invalid: {expected}", refused.Message);
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, refused.Code);
    }

    [Fact]
    public void Spec_and_status_are_written_apart()
    {
        _world.Create("toys", """{"metadata":{"name":"t"},"spec":{"name":"a"},"status":{"count":7}}""");
        Assert.Null(_world.Get("toys", "t")["status"]);

        var status = _world.Patch("toys", "t", PatchType.Merge, """{"spec":{"name":"b"},"status":{"count":3}}""", "status");
        Assert.Equal(("a", 3, 1), (status.At("spec.name").AsText(), status.At("status.count").AsNumber(), Meta.Generation(status)));

        var spec = _world.Patch("toys", "t", PatchType.Merge, """{"spec":{"name":"b"},"status":{"count":9}}""");
        Assert.Equal(("b", 3, 2), (spec.At("spec.name").AsText(), spec.At("status.count").AsNumber(), Meta.Generation(spec)));

        var labels = _world.Patch("toys", "t", PatchType.Merge, """{"metadata":{"labels":{"a":"b"}}}""");
        Assert.Equal(2, Meta.Generation(labels));
    }

    [Fact]
    public void Strategic_patches_are_for_built_in_kinds()
    {
        _world.Create("toys", """{"metadata":{"name":"t"},"spec":{"name":"a"}}""");
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Patch("toys", "t", PatchType.Strategic, """{"spec":{"name":"b"}}"""));
        Assert.Equal(System.Net.HttpStatusCode.UnsupportedMediaType, refused.Code);
    }

    [Fact]
    public void A_definition_takes_its_objects_with_it()
    {
        _world.Create("toys", """{"metadata":{"name":"t"},"spec":{"name":"a"}}""");
        var toys = _world.Kind("toys");
        Assert.True(_world.Delete("customresourcedefinitions", "toys.example.com").Gone);
        Assert.Null(_world.Store.Kinds.Find("example.com", "v1", "toys"));

        _world.Create("customresourcedefinitions", Definition);
        Assert.Empty(_world.Store.List(toys, null, new ListQuery()).Items);
    }
}
