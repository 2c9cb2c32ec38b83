using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.CustomResources;

/// <summary>Rules in CEL (<c>x-kubernetes-validations</c>): what they see, when they are asked, and how they refuse.</summary>
public sealed class RuleTests(ClusterUnderTest cluster) : CustomResourceTest(cluster)
{
    [Case("operator: its own schema")]
    public async Task A_broken_rule_refuses_with_its_message_at_its_place()
    {
        await DefineAsync("""
            type: object
            properties:
              min: {type: integer}
              max: {type: integer}
            x-kubernetes-validations:
            - {rule: 'self.min <= self.max', message: 'min must not exceed max'}
            - {rule: 'self.min >= 0'}
            """);

        (await CreateAsync("sound", """{"min":1,"max":2}""")).Expect(201);
        var broken = (await CreateAsync("broken", """{"min":-1,"max":-2}""")).ExpectRefusal(422, "Invalid");

        Assert.All(broken.Causes, cause => Assert.Equal(("spec", "FieldValueInvalid"), (cause.Field, cause.Reason)));
        Assert.Contains(broken.Causes, cause => cause.Message.StartsWith("Invalid value: ", StringComparison.Ordinal) && cause.Message.EndsWith("min must not exceed max", StringComparison.Ordinal));
        Assert.Contains(broken.Causes, cause => cause.Message.EndsWith("failed rule: self.min >= 0", StringComparison.Ordinal));
    }

    [Case("operator: its own schema")]
    public async Task A_rule_about_a_change_is_asked_only_when_there_is_something_to_compare_with()
    {
        await DefineAsync("""
            type: object
            properties:
              fixed: {type: string, x-kubernetes-validations: [{rule: 'self == oldSelf', message: 'fixed cannot change'}]}
              n: {type: integer}
            """);

        (await CreateAsync("t", """{"n":1}""")).Expect(201);
        (await Api.PatchAsync(Toys("/t"), PatchType.Merge, JsonNode.Parse("""{"spec":{"fixed":"a"}}""")!)).Expect(200);
        AssertRefused(await Api.PatchAsync(Toys("/t"), PatchType.Merge, JsonNode.Parse("""{"spec":{"fixed":"b"}}""")!), "spec.fixed", "fixed cannot change");
        (await Api.PatchAsync(Toys("/t"), PatchType.Merge, JsonNode.Parse("""{"spec":{"fixed":null}}""")!)).Expect(200);
    }

    [Case("operator: its own schema")]
    public async Task Items_of_a_list_with_keys_are_compared_with_those_of_the_same_key()
    {
        await DefineAsync("""
            type: object
            properties:
              parts:
                type: array
                maxItems: 9
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [id]
                items:
                  type: object
                  required: [id]
                  properties: {id: {type: string}, size: {type: integer}}
                  x-kubernetes-validations: [{rule: 'self.size >= oldSelf.size', message: 'no part may shrink'}]
            """);

        (await CreateAsync("t", """{"parts":[{"id":"a","size":1},{"id":"b","size":5}]}""")).Expect(201);
        (await ReplaceAsync("""{"parts":[{"id":"b","size":6},{"id":"a","size":1},{"id":"c","size":0}]}""")).Expect(200);
        AssertRefused(await ReplaceAsync("""{"parts":[{"id":"a","size":0},{"id":"b","size":6}]}"""), "spec.parts[0]", "no part may shrink");
    }

    [Case("operator: its own schema")]
    public async Task Fields_that_may_be_a_number_or_text_are_seen_as_what_they_are()
    {
        await DefineAsync("""
            type: object
            properties:
              amount:
                x-kubernetes-int-or-string: true
                maxLength: 20
                x-kubernetes-validations: [{rule: "type(self) == int ? self < 5 : self.matches('^[0-9]+%$')", message: 'below 5, or a share'}]
            """);

        (await CreateAsync("a", """{"amount":4}""")).Expect(201);
        (await CreateAsync("b", """{"amount":"50%"}""")).Expect(201);
        AssertRefused(await CreateAsync("c", """{"amount":5}"""), "spec.amount", "below 5, or a share");
        AssertRefused(await CreateAsync("d", """{"amount":"x"}"""), "spec.amount", "below 5, or a share");
    }

    [Case("operator: its own schema")]
    public async Task A_rule_may_name_the_field_the_reason_and_the_values()
    {
        await DefineAsync("""
            type: object
            properties:
              size: {type: integer}
              limit: {type: integer}
              labels: {type: object, maxProperties: 5, additionalProperties: {type: string}}
            x-kubernetes-validations:
            - {rule: '!has(self.limit) || self.size <= self.limit', fieldPath: .size, reason: FieldValueForbidden, message: 'too large', messageExpression: "self.size > 100 ? 'by far too large' : 'a bit too large'"}
            - {rule: "!has(self.labels) || !('a' in self.labels)", fieldPath: ".labels['a']", reason: FieldValueDuplicate, message: 'no a'}
            - {rule: 'has(self.size)', fieldPath: .size, reason: FieldValueRequired, message: 'say a size'}
            """);

        var forbidden = (await CreateAsync("t", """{"size":3,"limit":2}""")).ExpectRefusal(422, "Invalid");
        Assert.Equal([("spec.size", "FieldValueForbidden", "Forbidden: a bit too large")], forbidden.Causes);
        var duplicate = (await CreateAsync("t", """{"size":1,"labels":{"a":"b"}}""")).ExpectRefusal(422, "Invalid");
        Assert.Equal([("spec.labels[a]", "FieldValueDuplicate")], duplicate.Causes.Select(cause => (cause.Field, cause.Reason)));
        var required = (await CreateAsync("t", "{}")).ExpectRefusal(422, "Invalid");
        Assert.Equal([("spec.size", "FieldValueRequired", "Required value: say a size")], required.Causes);
    }

    [Case("user: kubectl apply")]
    public async Task Rules_are_not_asked_about_an_object_of_the_wrong_shape()
    {
        await DefineAsync("""
            type: object
            required: [num]
            properties: {num: {type: integer}, m: {type: integer}}
            x-kubernetes-validations: [{rule: 'self.num > 0', message: 'num must be positive'}]
            """);

        var refused = (await CreateAsync("t", """{"m":"x"}""")).ExpectRefusal(422, "Invalid");

        Assert.Equal(["<nil>", "spec.m", "spec.num"], refused.Causes.Select(cause => cause.Field).Order(StringComparer.Ordinal));
        Assert.EndsWith("some validation rules were not checked because the object was invalid; correct the existing errors to complete validation", refused.Causes.Single(cause => cause.Field == "<nil>").Message, StringComparison.Ordinal);
    }

    [Case("operator: its own schema")]
    public async Task A_rule_that_fails_to_be_evaluated_refuses_and_says_why()
    {
        await DefineAsync("""
            type: object
            properties:
              n: {type: integer}
              d: {type: integer}
              m: {type: object, maxProperties: 5, additionalProperties: {type: string}}
            x-kubernetes-validations:
            - {rule: '!has(self.d) || self.n / self.d > 0'}
            - {rule: "!has(self.m) || self.m['key'] != ''"}
            - {rule: "self.n > 0 || self.n / 0 > 0"}
            """);

        AssertRefused(await CreateAsync("t", """{"n":1,"d":0}"""), "spec", "division by zero evaluating rule: !has(self.d) || self.n / self.d > 0");
        AssertRefused(await CreateAsync("t", """{"n":1,"m":{}}"""), "spec", "no such key: key evaluating rule: !has(self.m) || self.m['key'] != ''");
        (await CreateAsync("t", """{"n":1}""")).Expect(201);
    }

    [Case("user: kubectl edit")]
    public async Task What_was_there_before_a_rule_may_stay_until_it_is_changed()
    {
        await DefineAsync("""
            type: object
            properties:
              old: {type: object, properties: {n: {type: integer}, name: {type: string}}}
              other: {type: integer}
            """);
        (await CreateAsync("t", """{"old":{"n":9,"name":"LOUD"},"other":1}""")).Expect(201);
        await RedefineAsync(
            definition =>
            {
                var old = definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!["old"]!;
                old["properties"]!["n"]!["x-kubernetes-validations"] = JsonNode.Parse("""[{"rule":"self < 5","message":"too much"}]""");
                old["properties"]!["name"]!["pattern"] = "^[a-z]*$";
            },
            async () => (await CreateAsync("u", """{"old":{"n":9}}""", "?dryRun=All")).Status == 422);

        (await Api.PatchAsync(Toys("/t"), PatchType.Merge, JsonNode.Parse("""{"spec":{"other":2}}""")!)).Expect(200);
        AssertRefused(await Api.PatchAsync(Toys("/t"), PatchType.Merge, JsonNode.Parse("""{"spec":{"old":{"n":8}}}""")!), "spec.old.n", "too much");
        AssertRefused(await Api.PatchAsync(Toys("/t"), PatchType.Merge, JsonNode.Parse("""{"spec":{"old":{"name":"LOUDER"}}}""")!), "spec.old.name", "should match '^[a-z]*$'");
        (await Api.PatchAsync(Toys("/t"), PatchType.Merge, JsonNode.Parse("""{"spec":{"old":{"n":4}}}""")!)).Expect(200);
    }

    [Case("operator: its own schema")]
    public async Task A_rule_that_cannot_work_is_refused_with_the_definition()
    {
        foreach (var (rule, words) in (IReadOnlyList<(string, string)>)
        [
            ("self.zzz > 1", "compilation failed: ERROR: <input>:1:5: undefined field 'zzz'\n | self.zzz > 1\n | ....^"),
            ("other", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')"),
            ("self.n + 'a' == 2", "compilation failed: ERROR: <input>:1:8: found no matching overload for '_+_' applied to '(int, string)'"),
            ("self.n", "cel expression must evaluate to a bool"),
            ("self.n +", "compilation failed: ERROR: <input>:1:9: Syntax error: mismatched input '<EOF>'"),
            ("self.s.matches('(')", "compilation failed: ERROR: <input>:1:16: invalid matches argument"),
            ("has(self.free.x)", "undefined field 'x'"),
        ])
        {
            var answer = await DryDefineAsync($"rule: {JsonValue.Create(rule).ToJsonString()}");
            AssertRefused(answer, "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule", words);
        }

        AssertRefused(await DryDefineAsync("rule: ''"), "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule", "rule is not specified");
        AssertRefused(await DryDefineAsync("rule: 'self.n > 1', fieldPath: .zzz"), "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].fieldPath", "must be a valid path");
        AssertRefused(await DryDefineAsync("rule: 'self.n > 1', messageExpression: 'self.n'"), "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].messageExpression", "messageExpression must evaluate to a string");
        AssertRefused(await DryDefineAsync("rule: 'self.n > 1', reason: Nonsense"), "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].reason", "Unsupported value: \"Nonsense\"");
    }

    [Case("operator: its own schema")]
    public async Task A_rule_about_a_change_is_refused_where_items_have_no_identity()
    {
        var answer = await Api.PostAsync($"{Definitions}?dryRun=All", Definition("""
            type: object
            properties:
              list: {type: array, maxItems: 5, items: {type: string, maxLength: 5, x-kubernetes-validations: [{rule: 'self == oldSelf'}]}}
            """));

        AssertRefused(
            answer,
            "spec.validation.openAPIV3Schema.properties[spec].properties[list].items.x-kubernetes-validations[0].rule",
            "oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[list]");
    }

    [Case("operator: its own schema")]
    public async Task A_rule_that_may_cost_too_much_is_refused_with_the_definition()
    {
        var answer = await DryDefineAsync("rule: 'self.list.all(x, self.list.all(y, x != y))'");

        AssertRefused(answer, "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule", "estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)");
    }

    [Case("operator: its own schema")]
    public async Task Rules_see_names_that_are_no_words_of_the_language_and_the_name_of_the_object()
    {
        await DefineAsync(DefinitionOf("""
            type: object
            properties:
              spec: {type: object, properties: {a-b: {type: string}, c.d: {type: string}, e__f: {type: string}, in: {type: string}}}
            x-kubernetes-validations:
            - {rule: "self.spec.a__dash__b == '1' && self.spec.c__dot__d == '2' && self.spec.e__underscores__f == '3' && self.spec.__in__ == '4'", message: 'values'}
            - {rule: "self.metadata.name.startsWith('t') && self.kind == 'Toy' && !has(self.metadata.generateName)", message: 'name'}
            """));

        (await CreateAsync("t", """{"a-b":"1","c.d":"2","e__f":"3","in":"4"}""")).Expect(201);
        var refused = (await CreateAsync("u", """{"a-b":"0","c.d":"2","e__f":"3","in":"4"}""")).ExpectRefusal(422, "Invalid");
        Assert.Equal(["name", "values"], refused.Causes.Select(cause => cause.Message.Split(": ")[^1]).Order(StringComparer.Ordinal));
        Assert.All(refused.Causes, cause => Assert.Equal("<nil>", cause.Field));
    }

    [Case("operator: its own schema")]
    public async Task The_functions_of_the_language_and_of_Kubernetes_are_there()
    {
        string[] truths =
        [
            "[1, 2, 3].map(x, x * 2).filter(x, x > 2) == [4, 6] && [1, 2].exists_one(x, x == 2)",
            "'a1b22'.findAll('[0-9]+') == ['1', '22'] && '10Gi'.find('^[0-9]+') == '10'",
            "'a,b'.split(',') == ['a', 'b'] && 'hello'.substring(1, 3) == 'el' && ' x '.trim() == 'x' && 'AB'.lowerAscii() == 'ab'",
            "[1, 2].isSorted() && [1, 2].sum() == 3 && [3, 1].min() == 1 ",
            "duration('90m').getHours() == 1 && timestamp('2023-01-01T00:00:00Z') + duration('1h') == timestamp('2023-01-01T01:00:00Z')",
            "url('https://example.com:80/a').getHost() == 'example.com:80' && isURL('https://a') && !isURL('a b')",
            "int('7') == 7 && string(1.5) == '1.5' && type(1) == int && size('h\u00e9') == 2",
            "{'a': 1}['a'] == 1 && 'a' in {'a': 1} && has({'a': 1}.a) && 1 / 1 == 1",
            "b'a' + b'b' == b'ab' && r'\\d' == '\\\\d' && 1u + 1u == 2u && 1e3 == 1000.0",
        ];
        var rules = string.Join(", ", truths.Select(truth => $"{{\"rule\": {JsonValue.Create(truth).ToJsonString()}}}"));
        await DefineAsync($$"""
            type: object
            properties:
              n: {type: integer}
            x-kubernetes-validations: [{{rules}}]
            """);

        (await CreateAsync("t", """{"n":1}""")).Expect(201);
    }

    Task<ApiAnswer> DryDefineAsync(string rule) => Api.PostAsync($"{Definitions}?dryRun=All", Definition($$"""
        type: object
        properties:
          n: {type: integer}
          s: {type: string}
          list: {type: array, items: {type: string} }
          free: {type: object, x-kubernetes-preserve-unknown-fields: true}
        x-kubernetes-validations: [{ {{rule}} }]
        """));

    async Task<ApiAnswer> ReplaceAsync(string spec)
    {
        var toy = (await Api.GetAsync(Toys("/t"))).Expect(200);
        toy["spec"] = JsonNode.Parse(spec);
        return await Api.PutAsync(Toys("/t"), toy);
    }
}
