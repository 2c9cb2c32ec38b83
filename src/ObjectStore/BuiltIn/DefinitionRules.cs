using System.Text.RegularExpressions;
using Slotwise.ObjectStore.Schemas.Definitions;

namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>CustomResourceDefinitions: names are accepted and the kind established at once, as there is nobody to wait for.</summary>
sealed partial class DefinitionRules : IKindRules
{
    const string LabelRule = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    static readonly string[] ColumnTypes = ["boolean", "date", "integer", "number", "string"];

    static readonly string[] ColumnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

    static readonly string[] RootForbidden = ["nullable", "default", "enum", "maxProperties", "minProperties", "allOf", "anyOf", "oneOf", "not", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-map-type"];

    const string RootAllowed = "Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations";

    static readonly (string Name, string[] Roots, string Rule)[] ScalePathRules =
    [
        ("specReplicasPath", [".spec."], "should be a json path under .spec"),
        ("statusReplicasPath", [".status."], "should be a json path under .status"),
        ("labelSelectorPath", [".spec.", ".status."], "should be a json path under either .spec or .status"),
    ];

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        var names = spec.Ensure("names");
        var kind = names.Text("kind") ?? "";
        names["singular"] ??= kind.ToLowerInvariant();
        names["listKind"] ??= $"{kind}List";
        spec["conversion"] ??= new JsonObject { ["strategy"] = "None" };
        foreach (var version in Versions(spec))
        {
            UnreadableSchema.Refuse(version.Object("schema")?["openAPIV3Schema"]);
        }

        if (spec.Object("conversion").Text("strategy") == "Webhook")
        {
            throw ApiError.NotImplemented("Kubernetes converts between versions by webhooks, localkube does not: use the strategy None");
        }

        var status = obj.Ensure("status");
        DefinitionNames.Accept(obj, status, store);
        var stored = status.Array("storedVersions") ?? [];
        status["storedVersions"] = stored;
        foreach (var version in Versions(spec).Where(version => version.Flag("storage") == true).Select(version => version.Text("name") ?? ""))
        {
            if (!stored.Texts().Contains(version))
            {
                stored.Add((JsonNode)version);
            }
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Object("spec");
        var names = spec.Object("names");
        if (Meta.Name(obj) != $"{names.Text("plural")}.{spec.Text("group")}")
        {
            yield return FieldError.Invalid("metadata.name", Meta.Name(obj), "must be spec.names.plural+\".\"+spec.group");
        }

        if (spec.Text("group") is { } group && !group.Contains('.', StringComparison.Ordinal))
        {
            yield return FieldError.Invalid("spec.group", group, "should be a domain with at least one dot");
        }

        foreach (var error in ValidateVersions(spec).Concat(ValidateNames(names)))
        {
            yield return error;
        }

        if (spec.Object("conversion").Text("strategy") is { Length: > 0 } strategy and not ("None" or "Webhook"))
        {
            yield return FieldError.NotSupported("spec.conversion.strategy", strategy, ["\"None\"", "\"Webhook\""]);
        }

        if (spec.Flag("preserveUnknownFields") == true)
        {
            yield return FieldError.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }

        foreach (var path in before is null ? (string[])[] : ["scope", "names.kind", "group", "names.plural"])
        {
            if (before.At($"spec.{path}").AsText() is { } old && old != spec.At(path).AsText())
            {
                yield return FieldError.Invalid($"spec.{path}", spec.At(path)?.DeepClone(), "field is immutable");
            }
        }

        foreach (var error in ValidateStored(obj.Object("status").Array("storedVersions"), Versions(spec)))
        {
            yield return error;
        }
    }

    static IEnumerable<FieldError> ValidateVersions(JsonObject? spec)
    {
        var versions = Versions(spec);
        // Where all versions have one schema, the API server has it at one place inside.
        var isShared = versions.TrueForAll(version => JsonNode.DeepEquals(version["schema"], versions[0]["schema"]));
        for (var i = 0; i < versions.Count; i++)
        {
            var (version, path) = (versions[i], $"spec.versions[{i}]");
            if (version.Text("name") is { } name && !Label().IsMatch(name))
            {
                yield return FieldError.Invalid($"{path}.name", name, LabelRule);
            }

            if (version.Flag("deprecated") != true && version["deprecationWarning"] is { } warning)
            {
                yield return FieldError.Invalid($"{path}.deprecationWarning", warning.DeepClone(), "can only be set for deprecated versions");
            }

            if (version.Object("schema").Object("openAPIV3Schema") is not { } schema)
            {
                yield return FieldError.Required($"{path}.schema.openAPIV3Schema");
                continue;
            }

            if (!isShared || i == 0)
            {
                foreach (var error in ValidateSchemas(schema, isShared ? "spec.validation" : $"{path}.schema", version.Object("subresources")?.ContainsKey("status") == true))
                {
                    yield return error;
                }
            }

            foreach (var error in ValidateSubresources(version.Object("subresources"), isShared ? "spec.subresources" : $"{path}.subresources")
                .Concat(ValidateColumns(version.Array("additionalPrinterColumns"), isShared ? "spec.additionalPrinterColumns" : $"{path}.additionalPrinterColumns"))
                .Concat(ValidateSelectable(version, schema, isShared ? "spec.selectableFields" : $"{path}.selectableFields")))
            {
                yield return error;
            }
        }

        if (versions.Select(version => version.Text("name")).Distinct().Count() < versions.Count)
        {
            yield return FieldError.Invalid("spec.versions", Shown(versions), "must contain unique version names");
        }

        if (versions.Count(version => version.Flag("storage") == true) != 1)
        {
            yield return FieldError.Invalid("spec.versions", Shown(versions), "must have exactly one version marked as storage version");
        }
    }

    static IEnumerable<FieldError> ValidateSchemas(JsonObject schema, string path, bool hasStatus)
    {
        // Status is checked by its part of the schema alone, so that nothing may be said about it at the root.
        if (hasStatus && schema.Any(member => RootForbidden.Contains(member.Key)))
        {
            yield return FieldError.Invalid($"{path}.openAPIV3Schema", "object", $"only [{RootAllowed}] fields are allowed at the root of the schema if the status subresource is enabled");
        }

        if (schema.Flag("nullable") == true)
        {
            yield return FieldError.Forbidden($"{path}.openAPIV3Schema.nullable", "nullable cannot be true at the root");
        }

        foreach (var error in SchemaFaults.Find(schema, $"{path}.openAPIV3Schema"))
        {
            yield return error;
        }
    }

    static IEnumerable<FieldError> ValidateSubresources(JsonObject? subresources, string path)
    {
        if (subresources.Object("scale") is not { } scale)
        {
            yield break;
        }

        foreach (var (name, roots, rule) in ScalePathRules)
        {
            var given = scale.Text(name) ?? "";
            if (given.Length == 0)
            {
                if (name != "labelSelectorPath")
                {
                    yield return FieldError.Required($"{path}.scale.{name}");
                }
            }
            else if (given[0] != '.')
            {
                yield return FieldError.Invalid($"{path}.scale.{name}", given, "must be a simple json path starting with .");
            }
            else if (!Array.Exists(roots, root => given.StartsWith(root, StringComparison.Ordinal)))
            {
                yield return FieldError.Invalid($"{path}.scale.{name}", given, rule);
            }
        }
    }

    static IEnumerable<FieldError> ValidateColumns(JsonArray? columns, string path)
    {
        for (var i = 0; i < columns?.Count; i++)
        {
            var column = columns[i] as JsonObject;
            if (column.Text("name") is not { Length: > 0 })
            {
                yield return FieldError.Required($"{path}[{i}].name");
            }

            if (column.Text("type") is { Length: > 0 } type && !ColumnTypes.Contains(type))
            {
                yield return FieldError.Invalid($"{path}[{i}].type", type, $"must be one of {string.Join(",", ColumnTypes)}");
            }

            if (column.Text("format") is { Length: > 0 } format && !ColumnFormats.Contains(format))
            {
                yield return FieldError.Invalid($"{path}[{i}].format", format, $"must be one of {string.Join(",", ColumnFormats)}");
            }

            if (column.Text("jsonPath") is not { Length: > 0 } jsonPath)
            {
                yield return FieldError.Required($"{path}[{i}].JSONPath");
            }
            else if (jsonPath[0] != '.')
            {
                yield return FieldError.Invalid($"{path}[{i}].JSONPath", jsonPath, "must be a simple json path starting with .");
            }
        }
    }

    static IEnumerable<FieldError> ValidateSelectable(JsonObject version, JsonObject schema, string path)
    {
        const int most = 8;
        var read = ReadSchema.From(schema);
        var seen = new HashSet<string>();
        var fields = (version.Array("selectableFields") ?? []).OfType<JsonObject>().ToList();
        for (var i = 0; i < fields.Count; i++)
        {
            var field = fields[i].Text("jsonPath") ?? "";
            var at = $"{path}[{i}].jsonPath";
            if (field.Length == 0)
            {
                yield return FieldError.Required(at);
            }
            else if (field.Contains('[', StringComparison.Ordinal) || !Cel.Rules.FieldPath.TryRead(field, read, out var shown, out var found))
            {
                yield return FieldError.Invalid(at, field, "is an invalid path: does not refer to a valid field");
            }
            else if (shown.StartsWith("metadata", StringComparison.Ordinal))
            {
                yield return FieldError.Invalid(at, field, "must not point to fields in metadata");
            }
            else if (found.Type is not (SchemaType.String or SchemaType.Boolean or SchemaType.Integer))
            {
                yield return FieldError.Invalid(at, field, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }
            else if (!seen.Add(shown))
            {
                yield return FieldError.Duplicate(at, field);
            }
        }

        if (seen.Count > most)
        {
            yield return FieldError.TooMany(path, seen.Count, most);
        }
    }

    static IEnumerable<FieldError> ValidateNames(JsonObject? names)
    {
        foreach (var name in (string[])["plural", "singular"])
        {
            if (names.Text(name) is { Length: > 0 } given && !Label().IsMatch(given))
            {
                yield return FieldError.Invalid($"spec.names.{name}", given, LabelRule);
            }
        }

        foreach (var name in (string[])["kind", "listKind"])
        {
            if (names.Text(name) is { Length: > 0 } given && !Label().IsMatch(given.ToLowerInvariant()))
            {
                yield return FieldError.Invalid($"spec.names.{name}", given, $"may have mixed case, but should otherwise match: {LabelRule}");
            }
        }

        foreach (var list in (string[])["shortNames", "categories"])
        {
            var given = names.Array(list).Texts().ToList();
            for (var i = 0; i < given.Count; i++)
            {
                if (!Label().IsMatch(given[i]))
                {
                    yield return FieldError.Invalid($"spec.names.{list}[{i}]", given[i], LabelRule);
                }
            }
        }

        if (names.Text("kind") is { Length: > 0 } kind && kind == names.Text("listKind"))
        {
            yield return FieldError.Invalid("spec.names.listKind", kind, "kind and listKind may not be the same");
        }
    }

    /// <summary>Objects may still be there in a version that was stored once.</summary>
    static IEnumerable<FieldError> ValidateStored(JsonArray? stored, List<JsonObject> versions)
    {
        if (stored is null or { Count: 0 })
        {
            yield return FieldError.Invalid("status.storedVersions", null, "must have at least one stored version");
        }

        for (var i = 0; i < stored?.Count; i++)
        {
            var name = stored[i].AsText() ?? "";
            if (!versions.Exists(version => version.Text("name") == name))
            {
                yield return FieldError.Invalid($"status.storedVersions[{i}]", name, $"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions");
            }
        }
    }

    /// <summary>Versions as the API server has them inside, where what they share stands elsewhere.</summary>
    static JsonArray Shown(List<JsonObject> versions) => [.. versions.Select(version => new JsonObject
    {
        ["Name"] = version.Text("name") ?? "",
        ["Served"] = version.Flag("served") ?? false,
        ["Storage"] = version.Flag("storage") ?? false,
        ["Deprecated"] = version.Flag("deprecated") ?? false,
        ["DeprecationWarning"] = version.Text("deprecationWarning"),
        ["Schema"] = null,
        ["Subresources"] = null,
        ["AdditionalPrinterColumns"] = null,
        ["SelectableFields"] = null,
    })];

    static List<JsonObject> Versions(JsonObject? spec) => [.. (spec.Array("versions") ?? []).OfType<JsonObject>()];

    [GeneratedRegex(@"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();
}
