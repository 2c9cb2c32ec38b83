using Slotwise.ObjectStore.Patches;

namespace Slotwise.ObjectStore.Tests;

public sealed class PatchTests
{
    readonly World _world = new();

    // RFC 7386, appendix A.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""[1,2]""", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Merge_patches_do_what_the_standard_says(string target, string patch, string expected) =>
        AssertJson(expected, MergePatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch)));

    // RFC 6902, appendix A.
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"baz":"qux","foo":"bar"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["x"]}]""", """{"foo":["bar",["x"]]}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo","foo":"bar"}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]""", """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10}]""", """{"/":9,"~1":10}""")]
    [InlineData("""{"a":1}""", """[{"op":"copy","from":"/a","path":"/b"}]""", """{"a":1,"b":1}""")]
    public void Json_patches_do_what_the_standard_says(string target, string patch, string expected) =>
        AssertJson(expected, JsonPatch.Apply(JsonNode.Parse(target), (JsonArray)JsonNode.Parse(patch)!));

    [Theory]
    [InlineData("""[{"op":"test","path":"/baz","value":"bar"}]""")]
    [InlineData("""[{"op":"add","path":"/a/b","value":1}]""")]
    [InlineData("""[{"op":"remove","path":"/missing"}]""")]
    [InlineData("""[{"op":"replace","path":"/missing/below","value":1}]""")]
    [InlineData("""[{"op":"nonsense","path":"/baz"}]""")]
    [InlineData("""[{"op":"add","value":1}]""")]
    public void Json_patches_that_cannot_be_carried_out_are_refused(string patch) =>
        Assert.Throws<KubernetesApiException>(() => JsonPatch.Apply(JsonNode.Parse("""{"baz":"qux"}"""), (JsonArray)JsonNode.Parse(patch)!));

    [Theory]
    [InlineData("""{"containers":[{"name":"b","image":"new"}]}""", """[{"name":"a","image":"1"},{"name":"b","image":"new"}]""")]
    [InlineData("""{"containers":[{"name":"a","$patch":"delete"}]}""", """[{"name":"b","image":"2"}]""")]
    [InlineData("""{"containers":[{"$patch":"replace"},{"name":"c","image":"3"}]}""", """[{"name":"c","image":"3"}]""")]
    [InlineData("""{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}""", """[{"name":"b","image":"2"},{"name":"a","image":"1"}]""")]
    [InlineData("""{"containers":[{"name":"c","image":"3"},{"name":"b"}]}""", """[{"name":"c","image":"3"},{"name":"a","image":"1"},{"name":"b","image":"2"}]""")]
    [InlineData("""{"containers":[{"name":"a","image":null,"workingDir":"/"}]}""", """[{"name":"a","workingDir":"/"},{"name":"b","image":"2"}]""")]
    public void Strategic_patches_merge_lists_by_key(string patch, string expected)
    {
        var spec = World.Parse("""{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}""");
        var schema = _world.Kind("pods").Schema.Properties["spec"];
        AssertJson(expected, StrategicMergePatch.Apply(schema, spec, World.Parse(patch))["containers"]);
    }

    [Fact]
    public void Strategic_patches_change_sets_of_scalars()
    {
        var schema = _world.Kind("pods").Schema.Properties["metadata"];
        var metadata = World.Parse("""{"finalizers":["a","b"]}""");
        AssertJson("""["c","a","b"]""", StrategicMergePatch.Apply(schema, metadata, World.Parse("""{"finalizers":["c"]}"""))["finalizers"]);
        AssertJson("""["b"]""", StrategicMergePatch.Apply(schema, metadata, World.Parse("""{"$deleteFromPrimitiveList/finalizers":["a"]}"""))["finalizers"]);
    }

    [Fact]
    public void A_patch_with_an_older_version_is_a_conflict()
    {
        _world.Create("configmaps", """{"metadata":{"name":"a"}}""");
        Assert.True(Assert.Throws<KubernetesApiException>(() => _world.Patch("configmaps", "a", PatchType.Merge, """{"metadata":{"resourceVersion":"1"},"data":{"x":"y"}}""")).IsConflict);
    }

    static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}, got {actual?.ToJsonString()}");
}
