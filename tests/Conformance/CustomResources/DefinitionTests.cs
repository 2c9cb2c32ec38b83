using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;

namespace Slotwise.Conformance.CustomResources;

/// <summary>CustomResourceDefinitions themselves: what is refused, names, versions, change and deletion.</summary>
public sealed class DefinitionTests(ClusterUnderTest cluster) : CustomResourceTest(cluster)
{
    const string Schema = "spec.validation.openAPIV3Schema";
    const string Field = $"{Schema}.properties[spec].properties[a]";

    [Case("bad input: a schema that is not structural")]
    public async Task A_schema_that_is_not_structural_is_refused_by_path()
    {
        foreach (var (a, field, message) in (IReadOnlyList<(string, string, string)>)
        [
            ("{}", $"{Field}.type", "Required value: must not be empty for specified object fields"),
            ("{type: array, items: {}}", $"{Field}.items.type", "Required value: must not be empty for specified array items"),
            ("{type: array}", $"{Field}.items", "Required value: must be specified"),
            ("{type: integer, anyOf: [{type: integer}]}", $"{Field}.anyOf[0].type", "Forbidden: must be empty to be structural"),
            ("{type: string, not: {description: x, maxLength: 1}}", $"{Field}.not.description", "Forbidden: must be empty to be structural"),
            ("{type: nonsense}", $"{Field}.type", "Unsupported value: \"nonsense\""),
            ("{type: string, pattern: '['}", $"{Field}.pattern", "must be a valid regular expression, but isn't: error parsing regexp: missing closing ]: `[`"),
            ("{type: array, uniqueItems: true, items: {type: string}}", $"{Field}.uniqueItems", "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"),
            ("{type: object, properties: {x: {type: string}}, additionalProperties: {type: string}}", $"{Field}.additionalProperties", "Forbidden: additionalProperties and properties are mutual exclusive"),
            ("{type: object, x-kubernetes-preserve-unknown-fields: false}", $"{Field}.x-kubernetes-preserve-unknown-fields", "Invalid value: false: must be true or undefined"),
            ("{type: array, items: {type: string}, x-kubernetes-list-type: heap}", $"{Field}.x-kubernetes-list-type", "Unsupported value: \"heap\": supported values: \"atomic\", \"set\", \"map\""),
            ("{type: array, items: {type: object, properties: {k: {type: string}}}, x-kubernetes-list-type: map}", $"{Field}.x-kubernetes-list-map-keys", "Required value: must not be empty if x-kubernetes-list-type is map"),
            ("{type: array, items: {type: object, properties: {k: {type: string}}}, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k]}", $"{Field}.items.properties[k].default", "Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"),
            ("{type: object, x-kubernetes-embedded-resource: true}", $"{Field}.properties", "Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"),
            ("{type: string, default: 5}", $"{Field}.default", "must be of type string: \"integer\""),
            ("{type: object, properties: {x: {type: string}}, default: {y: 1}}", $"{Field}.default", "must not have unknown fields"),
            ("{type: string, enum: [a], default: b}", $"{Field}.default", "Unsupported value: \"b\": supported values: \"a\""),
        ])
        {
            AssertRefused(await Api.PostAsync($"{Definitions}?dryRun=All", Definition($"type: object\nproperties: {{a: {a}}}")), field, message);
        }

        AssertRefused(await Api.PostAsync($"{Definitions}?dryRun=All", DefinitionOf("type: string")), $"{Schema}.type", "must be object at the root");
        AssertRefused(await Api.PostAsync($"{Definitions}?dryRun=All", DefinitionOf("{}")), $"{Schema}.type", "Required value: must not be empty at the root");
        AssertRefused(
            await Api.PostAsync($"{Definitions}?dryRun=All", DefinitionOf("{type: object, properties: {metadata: {type: object, properties: {labels: {type: object}}}}}")),
            $"{Schema}.properties[metadata]",
            "Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified");
    }

    [Case("bad input: a definition")]
    public async Task Names_versions_and_subresources_that_cannot_be_are_refused()
    {
        await AssertChangeRefusedAsync(definition => definition["metadata"]!["name"] = "other.example.com", "metadata.name", "must be spec.names.plural+\".\"+spec.group");
        await AssertChangeRefusedAsync(definition => definition["spec"]!["scope"] = "Galaxy", "spec.scope", "Unsupported value: \"Galaxy\": supported values: \"Cluster\", \"Namespaced\"");
        await AssertChangeRefusedAsync(definition => definition["spec"]!["names"]!["kind"] = "T_y", "spec.names.kind", "may have mixed case, but should otherwise match: a DNS-1035 label");
        await AssertChangeRefusedAsync(definition => definition["spec"]!["names"]!["shortNames"] = new JsonArray("T"), "spec.names.shortNames[0]", "a DNS-1035 label must consist of");
        await AssertChangeRefusedAsync(definition => definition["spec"]!["names"]!["listKind"] = "Toy", "spec.names.listKind", "kind and listKind may not be the same");
        await AssertChangeRefusedAsync(definition => definition["spec"]!["versions"]![0]!["name"] = "V1", "spec.versions[0].name", "a DNS-1035 label must consist of");
        await AssertChangeRefusedAsync(definition => definition["spec"]!["versions"]![0]!["storage"] = false, "spec.versions", "must have exactly one version marked as storage version");
        await AssertChangeRefusedAsync(definition => definition["spec"]!["versions"]![0]!.AsObject().Remove("schema"), "spec.versions[0].schema.openAPIV3Schema", "Required value");
        await AssertChangeRefusedAsync(
            definition => definition["spec"]!["versions"]![0]!["subresources"] = JsonNode.Parse("""{"scale":{"specReplicasPath":"spec.x","statusReplicasPath":".x.y"}}"""),
            "spec.subresources.scale.specReplicasPath",
            "must be a simple json path starting with .");
        await AssertChangeRefusedAsync(
            definition => definition["spec"]!["versions"]![0]!["additionalPrinterColumns"] = JsonNode.Parse("""[{"name":"a","type":"color","jsonPath":".a"}]"""),
            "spec.additionalPrinterColumns[0].type",
            "must be one of boolean,date,integer,number,string");
    }

    [Case("user: kubectl wait crd")]
    public async Task A_definition_gets_the_names_that_follow_from_its_kind_and_is_established()
    {
        var definition = await DefineAsync("type: object");

        Assert.Equal(("toy", "ToyList"), ((string?)definition["spec"]!["names"]!["singular"], (string?)definition["spec"]!["names"]!["listKind"]));
        Assert.Equal("None", (string?)definition["spec"]!["conversion"]!["strategy"]);
        Assert.Equal(("NoConflicts", "no conflicts found"), ((string?)Condition(definition, "NamesAccepted")!["reason"], (string?)Condition(definition, "NamesAccepted")!["message"]));
        Assert.Equal(("InitialNamesAccepted", "the initial names have been accepted"), ((string?)Condition(definition, "Established")!["reason"], (string?)Condition(definition, "Established")!["message"]));
        Assert.Equal("toys", (string?)definition["status"]!["acceptedNames"]!["plural"]);
        Assert.Equal("""["v1"]""", definition["status"]!["storedVersions"]!.ToJsonString());
        Assert.Equal("ToyList", (string?)(await Api.GetAsync(Toys())).Expect(200)["kind"]);
    }

    [Case("chart: a definition that is there already")]
    public async Task A_name_that_another_kind_of_the_group_has_is_not_given_twice()
    {
        await DefineAsync("type: object");
        var second = Definition("type: object");
        second["metadata"]!["name"] = $"games.{ToyGroup}";
        second["spec"]!["names"] = new JsonObject { ["plural"] = "games", ["kind"] = "Toy" };

        (await Api.PostAsync(Definitions, second)).Expect(201);
        var refused = await Api.AwaitAsync($"{Definitions}/games.{ToyGroup}", one => (string?)Condition(one, "NamesAccepted")?["status"] == "False", "the names to be refused");
        await Api.DeleteAsync($"{Definitions}/games.{ToyGroup}");

        // The last of several conflicts is told, and the list's kind follows from the kind.
        Assert.Equal("ListKindConflict", (string?)Condition(refused, "NamesAccepted")!["reason"]);
        Assert.Equal("\"ToyList\" is already in use", (string?)Condition(refused, "NamesAccepted")!["message"]);
        Assert.NotEqual("True", (string?)Condition(refused, "Established")?["status"]);
        Assert.Equal(404, (await Api.GetAsync(Group($"{ToyGroup}/v1", "games"))).Status);
    }

    [Case("user: kubectl apply of a changed definition")]
    public async Task What_objects_are_stored_by_cannot_be_changed()
    {
        await DefineAsync("type: object");

        foreach (var (change, field) in (IReadOnlyList<(Action<JsonObject>, string)>)
        [
            (definition => definition["spec"]!["scope"] = "Cluster", "spec.scope"),
            (definition => definition["spec"]!["names"]!["kind"] = "Game", "spec.names.kind"),
        ])
        {
            var definition = (await Api.GetAsync($"{Definitions}/{DefinitionName}")).Expect(200);
            change(definition);
            AssertRefused(await Api.PutAsync($"{Definitions}/{DefinitionName}", definition), field, "field is immutable");
        }
    }

    [Case("operator: versions of its schema to come")]
    public async Task Several_versions_show_the_same_objects()
    {
        var definition = Definition("type: object\nproperties: {n: {type: integer}}");
        definition["spec"]!["versions"]!.AsArray().Add((JsonNode)Version("v2", "{type: object, properties: {spec: {type: object, properties: {n: {type: integer}, extra: {type: string, default: x}}}}}", isStored: false));
        await DefineAsync(definition);

        var made = (await CreateAsync("t", """{"n":1}""")).Expect(201);
        var seen = (await Api.GetAsync(Toys("/t", "v2"))).Expect(200);

        Assert.Equal($"{ToyGroup}/v2", (string?)seen["apiVersion"]);
        // Defaults are those of the version that is stored.
        Assert.Equal("""{"n":1}""", SchemaTests.Sorted(seen["spec"]));
        Assert.Equal((string?)made["metadata"]!["uid"], (string?)seen["metadata"]!["uid"]);
        seen["spec"]!["n"] = 2;
        (await Api.PutAsync(Toys("/t", "v2"), seen)).Expect(200);
        var back = (await Api.GetAsync(Toys("/t"))).Expect(200);
        Assert.Equal(($"{ToyGroup}/v1", """{"n":2}"""), ((string?)back["apiVersion"], SchemaTests.Sorted(back["spec"])));

        await RedefineAsync(
            one =>
            {
                one["spec"]!["versions"]![0]!["storage"] = false;
                one["spec"]!["versions"]![1]!["storage"] = true;
            },
            () => Task.FromResult(true));
        await Api.AwaitAsync($"{Definitions}/{DefinitionName}", one => one["status"]!["storedVersions"]!.ToJsonString() == """["v1","v2"]""", "the new version to be noted as stored");
        var dropped = (await Api.GetAsync($"{Definitions}/{DefinitionName}")).Expect(200);
        dropped["spec"]!["versions"]!.AsArray().RemoveAt(0);
        AssertRefused(await Api.PutAsync($"{Definitions}/{DefinitionName}", dropped), "status.storedVersions[0]", "missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until");
    }

    [Case("user: kubectl delete crd")]
    public async Task A_definition_waits_for_its_objects_and_takes_them_with_it()
    {
        await DefineAsync("type: object");
        var held = Toy("held", "{}");
        held["metadata"]!["finalizers"] = new JsonArray("slotwise.dev/test");
        (await Api.PostAsync(Toys(), held)).Expect(201);
        (await CreateAsync("free", "{}")).Expect(201);

        (await Api.DeleteAsync($"{Definitions}/{DefinitionName}")).Expect(200);

        var ending = await Api.AwaitAsync($"{Definitions}/{DefinitionName}", one => IsTrue(one, "Terminating"), "the definition to be terminating");
        Assert.NotNull(ending["metadata"]!["deletionTimestamp"]);
        Assert.Contains("customresourcecleanup.apiextensions.k8s.io", ending["metadata"]!["finalizers"]!.AsArray().Select(name => (string?)name));
        await Api.AwaitAsync(Toys("/held"), one => one["metadata"]!["deletionTimestamp"] is not null, "the object to be deleted");
        await Api.AwaitGoneAsync(Toys("/free"));
        var late = await CreateAsync("late", "{}");
        // 405 up to 1.35, 403 since.
        Assert.True(late.Status is 405 or 403, late.ToString());
        Assert.EndsWith("create not allowed while custom resource definition is terminating", late.Message, StringComparison.Ordinal);
        (await Api.PatchAsync(Toys("/held"), PatchType.Merge, JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!)).Expect(200);
        await Api.AwaitGoneAsync($"{Definitions}/{DefinitionName}");
        for (var tries = 0; (await Api.GetAsync(Toys())).Status != 404; tries++)
        {
            Assert.True(tries < 300, "waited 30 s for the kind to go");
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancel);
        }
    }

    [Case("user: kubectl get, kubectl explain")]
    public async Task Kubectl_knows_short_names_columns_and_fields()
    {
        var definition = Definition("type: object\ndescription: What the toy shall be.\nproperties: {num: {type: integer, description: A number., maximum: 5}, color: {type: string, enum: [red]}}\nrequired: [num]");
        var unique = Namespace.Replace("conformance-", "t", StringComparison.Ordinal);
        definition["spec"]!["names"]!["shortNames"] = new JsonArray(unique);
        definition["spec"]!["versions"]![0]!["additionalPrinterColumns"] = JsonNode.Parse("""
            [{"name":"N","type":"integer","jsonPath":".spec.num"},{"name":"Color","type":"string","jsonPath":".spec.color","priority":1},{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}]
            """);
        await DefineAsync(definition);
        (await CreateAsync("t", """{"num":3,"color":"red"}""")).Expect(201);

        var table = (await Api.GetAsync(Toys(), "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")).Expect(200);
        Assert.Equal(["Name 0", "N 0", "Color 1", "Age 0"], table["columnDefinitions"]!.AsArray().Select(column => $"{column!["name"]} {column["priority"]}"));
        Assert.Equal(["t", "3", "red"], table["rows"]![0]!["cells"]!.AsArray().Take(3).Select(cell => cell!.ToString()));
        Assert.Contains("t ", await Cluster.KubectlAsync("get", unique, "-n", Namespace), StringComparison.Ordinal);

        // What is published follows the definition with a delay on a real server.
        var explained = await Cluster.TryKubectlAsync("", "explain", "toys.spec.num", $"--api-version={ToyGroup}/v1");
        for (var tries = 0; explained.ExitCode != 0 && tries < 60; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), Cancel);
            explained = await Cluster.TryKubectlAsync("", "explain", "toys.spec.num", $"--api-version={ToyGroup}/v1");
        }

        Assert.Contains("FIELD: num <integer>", explained.Output, StringComparison.Ordinal);
        Assert.Contains("A number.", explained.Output, StringComparison.Ordinal);
    }

    async Task AssertChangeRefusedAsync(Action<JsonObject> change, string field, string words)
    {
        var definition = Definition("type: object");
        change(definition);
        AssertRefused(await Api.PostAsync($"{Definitions}?dryRun=All", definition), field, words);
    }
}
