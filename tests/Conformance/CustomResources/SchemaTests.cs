using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.CustomResources;

/// <summary>What a schema makes of values: refusals, defaults, and what it drops.</summary>
public sealed class SchemaTests(ClusterUnderTest cluster) : CustomResourceTest(cluster)
{
    [Case("user: kubectl apply")]
    public async Task Values_are_refused_by_field_with_the_words_of_the_server()
    {
        await DefineAsync("""
            type: object
            required: [name]
            properties:
              name: {type: string, minLength: 2, maxLength: 5, pattern: '^[a-z]*$'}
              count: {type: integer, minimum: 1, maximum: 5}
              between: {type: integer, minimum: 1, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: true}
              even: {type: integer, multipleOf: 2}
              ratio: {type: number, minimum: 0.5}
              flag: {type: boolean}
              color: {type: string, enum: [red, blue]}
              port: {x-kubernetes-int-or-string: true}
              when: {type: string, format: date-time}
              data: {type: string, format: byte}
              list: {type: array, minItems: 1, maxItems: 2, items: {type: string}}
              map: {type: object, minProperties: 1, maxProperties: 2, additionalProperties: {type: integer}}
              either: {type: object, properties: {a: {type: integer}, b: {type: integer}}, oneOf: [{required: [a]}, {required: [b]}]}
              some: {type: object, properties: {a: {type: integer}, b: {type: integer}}, anyOf: [{required: [a]}, {required: [b]}]}
              every: {type: integer, allOf: [{minimum: 3}, {maximum: 2}]}
              never: {type: integer, not: {minimum: 3}}
              resource: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
            """);

        foreach (var (spec, field, message) in (IReadOnlyList<(string, string, string)>)
        [
            ("{}", "spec.name", "Required value"),
            ("""{"name":5}""", "spec.name", "Invalid value: \"integer\": spec.name in body must be of type string: \"integer\""),
            ("""{"name":"a"}""", "spec.name", "Invalid value: \"a\": spec.name in body should be at least 2 chars long"),
            ("""{"name":"AB"}""", "spec.name", "Invalid value: \"AB\": spec.name in body should match '^[a-z]*$'"),
            ("""{"name":"abcdef"}""", "spec.name", "Too long: may not be "),
            ("""{"name":"ab","count":0}""", "spec.count", "Invalid value: 0: spec.count in body should be greater than or equal to 1"),
            ("""{"name":"ab","count":6}""", "spec.count", "Invalid value: 6: spec.count in body should be less than or equal to 5"),
            ("""{"name":"ab","count":"1"}""", "spec.count", "Invalid value: \"string\": spec.count in body must be of type integer: \"string\""),
            ("""{"name":"ab","between":1}""", "spec.between", "Invalid value: 1: spec.between in body should be greater than 1"),
            ("""{"name":"ab","between":5}""", "spec.between", "Invalid value: 5: spec.between in body should be less than 5"),
            ("""{"name":"ab","even":3}""", "spec.even", "Invalid value: 3: spec.even in body should be a multiple of 2"),
            ("""{"name":"ab","ratio":0.1}""", "spec.ratio", "Invalid value: 0.1: spec.ratio in body should be greater than or equal to 0.5"),
            ("""{"name":"ab","flag":"yes"}""", "spec.flag", "Invalid value: \"string\": spec.flag in body must be of type boolean: \"string\""),
            ("""{"name":"ab","color":"green"}""", "spec.color", "Unsupported value: \"green\": supported values: \"red\", \"blue\""),
            ("""{"name":"ab","port":true}""", "spec.port", "Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\""),
            ("""{"name":"ab","when":"soon"}""", "spec.when", "Invalid value: \"soon\": spec.when in body must be of type date-time: \"soon\""),
            ("""{"name":"ab","data":"%%"}""", "spec.data", "Invalid value: \"%%\": spec.data in body must be of type byte: \"%%\""),
            ("""{"name":"ab","list":[]}""", "spec.list", "Invalid value: 0: spec.list in body should have at least 1 items"),
            ("""{"name":"ab","list":["a","b","c"]}""", "spec.list", "Too many: 3: must have at most 2 items"),
            ("""{"name":"ab","list":["a",1]}""", "spec.list[1]", "Invalid value: \"integer\": spec.list[1] in body must be of type string: \"integer\""),
            ("""{"name":"ab","list":[null]}""", "spec.list[0]", "Invalid value: \"null\": spec.list[0] in body must be of type string: \"null\""),
            ("""{"name":"ab","list":{}}""", "spec.list", "Invalid value: \"object\": spec.list in body must be of type array: \"object\""),
            ("""{"name":"ab","map":{}}""", "spec.map", "Invalid value: 0: spec.map in body should have at least 1 properties"),
            ("""{"name":"ab","map":{"a":1,"b":2,"c":3}}""", "spec.map", "Too many: 3: must have at most 2 items"),
            ("""{"name":"ab","map":{"a":"b"}}""", "spec.map.a", "Invalid value: \"string\": spec.map.a in body must be of type integer: \"string\""),
            ("""{"name":"ab","either":{"a":1,"b":2}}""", "<nil>", "Invalid value: \"\": \"spec.either\" must validate one and only one schema (oneOf). Found 2 valid alternatives"),
            ("""{"name":"ab","some":{}}""", "<nil>", "Invalid value: \"\": \"spec.some\" must validate at least one schema (anyOf)"),
            ("""{"name":"ab","every":5}""", "<nil>", "Invalid value: \"\": \"spec.every\" must validate all the schemas (allOf)"),
            ("""{"name":"ab","never":5}""", "<nil>", "Invalid value: \"\": \"spec.never\" must not validate the schema (not)"),
            ("""{"name":"ab","resource":{}}""", "spec.resource.apiVersion", "Required value"),
            ("\"text\"", "spec", "Invalid value: \"string\": spec in body must be of type object: \"string\""),
        ])
        {
            AssertRefused(await CreateAsync("t", spec, "?dryRun=All"), field, message);
        }
    }

    [Case("user: kubectl apply")]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        await DefineAsync("""
            type: object
            required: [name]
            properties: {name: {type: string}, count: {type: integer, minimum: 1}, flag: {type: boolean}}
            """);

        var refused = (await CreateAsync("t", """{"count":0,"flag":1}""")).ExpectRefusal(422, "Invalid");

        Assert.Equal(["spec.count", "spec.flag", "spec.name"], refused.Causes.Select(cause => cause.Field).Order(StringComparer.Ordinal));
        Assert.StartsWith($"Toy.{ToyGroup} \"t\" is invalid: [", refused.Message, StringComparison.Ordinal);
        Assert.Equal((ToyGroup, "Toy", "t"), ((string?)refused.Body["details"]!["group"], (string?)refused.Body["details"]!["kind"], (string?)refused.Body["details"]!["name"]));
    }

    [Case("operator: defaults of a RedisCluster")]
    public async Task Defaults_fill_what_is_absent_also_inside_of_defaults_and_of_items()
    {
        await DefineAsync("""
            type: object
            properties:
              count: {type: integer, default: 2}
              inner: {type: object, default: {}, properties: {on: {type: boolean, default: true}}}
              outer: {type: object, properties: {on: {type: boolean, default: true}}}
              parts: {type: array, items: {type: object, properties: {size: {type: integer, default: 1}}}}
            """);

        Assert.Equal("""{"count":2,"inner":{"on":true}}""", Sorted((await CreateAsync("a", "{}")).Expect(201)["spec"]));
        Assert.Equal("""{"count":5,"inner":{"on":false},"parts":[{"size":1},{"size":3}]}""", Sorted((await CreateAsync("b", """{"count":5,"inner":{"on":false},"parts":[{},{"size":3}]}""")).Expect(201)["spec"]));
        Assert.Equal(2, (int?)(await Api.PatchAsync(Toys("/b"), PatchType.Merge, JsonNode.Parse("""{"spec":{"count":null}}""")!)).Expect(200)["spec"]!["count"]);
    }

    [Case("operator: server-side apply with nulls")]
    public async Task A_null_stays_where_the_schema_wants_it_and_is_no_value_elsewhere()
    {
        await DefineAsync("""
            type: object
            properties:
              plain: {type: string}
              given: {type: string, default: x}
              free: {type: string, nullable: true}
              both: {type: string, nullable: true, default: x}
            """);

        var spec = (await CreateAsync("t", """{"plain":null,"given":null,"free":null,"both":null}""")).Expect(201)["spec"];

        Assert.Equal("""{"both":null,"free":null,"given":"x"}""", Sorted(spec));
    }

    [Case("user: kubectl apply")]
    public async Task Unknown_fields_are_dropped_warned_of_or_refused_as_is_asked()
    {
        await DefineAsync("""
            type: object
            properties: {known: {type: integer}, free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {part: {type: object, properties: {a: {type: integer}}}}}}
            """);
        const string spec = """{"known":1,"odd":2,"free":{"any":[1],"part":{"a":1,"b":2}}}""";

        var ignored = await CreateAsync("a", spec, "?fieldValidation=Ignore");
        Assert.Equal("""{"free":{"any":[1],"part":{"a":1}},"known":1}""", Sorted(ignored.Expect(201)["spec"]));
        Assert.Empty(ignored.Warnings);
        var warned = await CreateAsync("b", spec, "?fieldValidation=Warn");
        warned.Expect(201);
        Assert.Equal(["unknown field \"spec.free.part.b\"", "unknown field \"spec.odd\""], warned.Warnings.Order(StringComparer.Ordinal));
        var strict = (await CreateAsync("c", spec, "?fieldValidation=Strict")).ExpectRefusal(400, "BadRequest");
        Assert.Contains("strict decoding error: ", strict.Message, StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.odd\"", strict.Message, StringComparison.Ordinal);
    }

    [Case("operator: conditions, imagePullSecrets, users")]
    public async Task Lists_that_are_sets_or_maps_hold_nothing_twice()
    {
        await DefineAsync("""
            type: object
            properties:
              set: {type: array, x-kubernetes-list-type: set, items: {type: string}}
              map: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id, port], items: {type: object, required: [id], properties: {id: {type: string}, port: {type: integer, default: 1}}}}
              plain: {type: array, items: {type: string}}
            """);

        AssertRefused(await CreateAsync("t", """{"set":["a","b","a"]}"""), "spec.set[2]", "Duplicate value: \"a\"");
        AssertRefused(await CreateAsync("t", """{"map":[{"id":"a"},{"id":"a","port":1}]}"""), "spec.map[1]", "Duplicate value: {\"id\":\"a\",\"port\":1}");
        (await CreateAsync("t", """{"set":["a","b"],"map":[{"id":"a"},{"id":"a","port":2}],"plain":["a","a"]}""")).Expect(201);
    }

    [Case("operator: upgrades of its schema")]
    public async Task What_is_stored_is_read_by_the_schema_of_today()
    {
        await DefineAsync("type: object\nproperties: {kept: {type: integer}, dropped: {type: integer}}");
        var stored = (await CreateAsync("t", """{"kept":1,"dropped":2}""")).Expect(201);

        await RedefineAsync(
            definition =>
            {
                var properties = definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!.AsObject();
                properties.Remove("dropped");
                properties["added"] = JsonNode.Parse("""{"type":"string","default":"new"}""");
            },
            async () => (await Api.GetAsync(Toys("/t"))).Expect(200)["spec"]!["added"] is not null);

        var read = (await Api.GetAsync(Toys("/t"))).Expect(200);
        Assert.Equal("""{"added":"new","kept":1}""", Sorted(read["spec"]));
        Assert.Equal((string?)stored["metadata"]!["resourceVersion"], (string?)read["metadata"]!["resourceVersion"]);
        Assert.Equal("""{"added":"new","kept":1}""", Sorted((await Api.GetAsync(Toys())).Expect(200)["items"]![0]!["spec"]));
    }

    internal static string Sorted(JsonNode? node) => node switch
    {
        JsonObject obj => $"{{{string.Join(",", obj.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{JsonValue.Create(member.Key).ToJsonString()}:{Sorted(member.Value)}"))}}}",
        JsonArray array => $"[{string.Join(",", array.Select(Sorted))}]",
        null => "null",
        _ => node.ToJsonString(),
    };
}
