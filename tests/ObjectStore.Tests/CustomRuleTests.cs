namespace Slotwise.ObjectStore.Tests;

/// <summary>Rules in CEL and changes of definitions, as writers and watchers of custom objects meet them.</summary>
public sealed class CustomRuleTests
{
    readonly World _world = new();

    [Theory]
    [InlineData("""{"rule":"self.n > 1"}""", """{"n":1}""", "spec: Invalid value: \"object\": failed rule: self.n > 1")]
    [InlineData("""{"rule":"self.n > 1","message":"too small","fieldPath":".n"}""", """{"n":1}""", "spec.n: Invalid value: \"object\": too small")]
    [InlineData("""{"rule":"self.n > 1","messageExpression":"'not ' + string(self.n)"}""", """{"n":1}""", "spec: Invalid value: \"object\": not 1")]
    [InlineData("""{"rule":"self.n > 1","message":"m","reason":"FieldValueForbidden"}""", """{"n":1}""", "spec: Forbidden: m")]
    [InlineData("""{"rule":"10 / self.n > 1"}""", """{"n":0}""", "spec: Invalid value: \"object\": division by zero evaluating rule: 10 / self.n > 1")]
    [InlineData("""{"rule":"self.p < 5"}""", """{"p":"x"}""", "spec: Invalid value: \"object\": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.p < 5")]
    [InlineData("""{"rule":"self.l == ['b','a']"}""", """{"l":["a","b","c"]}""", "spec: Invalid value: \"object\": failed rule: self.l == ['b','a']")]
    [InlineData("""{"rule":"!oldSelf.hasValue() && self.n > 1","optionalOldSelf":true}""", """{"n":1}""", "spec: Invalid value: \"object\": failed rule: !oldSelf.hasValue() && self.n > 1")]
    public void A_broken_rule_refuses(string rule, string spec, string expected)
    {
        Define(rule);
        var refused = Assert.Throws<KubernetesApiException>(() => Create(spec));
        Assert.Equal($"Toy.example.com \"t\" is invalid: {expected}", refused.Message);
    }

    [Theory]
    [InlineData("""{"rule":"self.l == ['b','a']"}""", """{"l":["a","b"]}""")]
    [InlineData("""{"rule":"self.l + ['a','c'] == ['a','b','c']"}""", """{"l":["a","b"]}""")]
    [InlineData("""{"rule":"!has(self.n) && !has(self.l)"}""", "{}")]
    [InlineData("""{"rule":"self.n == oldSelf.n"}""", """{"n":1}""")]
    [InlineData("""{"rule":"self.p == 5"}""", """{"p":5}""")]
    public void A_rule_that_holds_does_not(string rule, string spec)
    {
        Define(rule);
        Create(spec);
    }

    [Fact]
    public void What_an_object_holds_already_is_not_held_against_its_writer()
    {
        Define("""{"rule":"true"}""");
        Create("""{"n":1}""");
        var definition = (JsonObject)_world.Get("customresourcedefinitions", "toys.example.com").DeepClone();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["x-kubernetes-validations"]![0]!["rule"] = "self.n > 5";
        _world.Update("customresourcedefinitions", definition);

        _world.Patch("toys", "t", PatchType.Merge, """{"metadata":{"labels":{"a":"b"}}}""");
        Assert.Throws<KubernetesApiException>(() => _world.Patch("toys", "t", PatchType.Merge, """{"spec":{"n":2}}"""));
    }

    [Fact]
    public async Task A_watch_ends_when_the_definition_changes_what_is_served_and_not_for_a_label()
    {
        Define("""{"rule":"true"}""");
        await using var watch = _world.Store.Watch(_world.Kind("toys"), "default", new WatchQuery(), TestContext.Current.CancellationToken).GetAsyncEnumerator();
        _world.Patch("customresourcedefinitions", "toys.example.com", PatchType.Merge, """{"metadata":{"labels":{"a":"b"}}}""");
        Create("{}");
        Assert.True(await watch.MoveNextAsync());

        _world.Patch("customresourcedefinitions", "toys.example.com", PatchType.Merge, """{"spec":{"names":{"shortNames":["ty"]}}}""");
        Assert.False(await watch.MoveNextAsync());
    }

    [Theory]
    [InlineData("\"type\":5", "cannot unmarshal number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.type of type string")]
    [InlineData("\"type\":\"object\",\"required\":[true]", "cannot unmarshal bool into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.required of type string")]
    public void A_schema_that_is_none_cannot_be_read(string schema, string expected)
    {
        var refused = Assert.Throws<KubernetesApiException>(() => _world.Create("customresourcedefinitions", Definition(schema)));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.Code);
        Assert.EndsWith(expected, refused.Message, StringComparison.Ordinal);
    }

    void Define(string rule) => _world.Create("customresourcedefinitions", Definition($$$"""
        "type":"object","properties":{"spec":{"type":"object","properties":{
          "n":{"type":"integer"},"p":{"x-kubernetes-int-or-string":true},"l":{"type":"array","maxItems":9,"x-kubernetes-list-type":"set","items":{"type":"string","maxLength":9} } },
          "x-kubernetes-validations":[{{{rule}}}] } }
        """));

    static string Definition(string schema) => $$$"""
        {"metadata":{"name":"toys.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"toys","kind":"Toy"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{ {{{schema}}} } } }] } }
        """;

    void Create(string spec) => _world.Create("toys", $$"""{"metadata":{"name":"t"},"spec":{{spec}} }""");
}
