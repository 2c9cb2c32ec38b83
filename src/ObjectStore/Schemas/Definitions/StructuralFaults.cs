namespace Slotwise.ObjectStore.Schemas.Definitions;

/// <summary>
/// What keeps a schema from being structural, that is from telling of every field what it is without regard to values.
/// See "Specifying a structural schema" in the Kubernetes page on CustomResourceDefinitions; wordings are those of the API server.
/// </summary>
static class StructuralFaults
{
    enum Level
    {
        Root,
        Item,
        Field,
    }

    public static List<FieldError> Find(JsonObject schema, string path)
    {
        var faults = new List<FieldError>();
        Spine(schema, Level.Root, path, faults);
        return [.. faults.OrderBy(fault => fault.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>The part of the schema that says what there is, as opposed to what values it may have.</summary>
    static void Spine(JsonObject schema, Level level, string path, List<FieldError> faults)
    {
        var type = schema.Text("type") ?? "";
        if (schema.Object("items") is { } items)
        {
            Spine(items, Level.Item, $"{path}.items", faults);
        }
        else if (type == "array")
        {
            faults.Add(FieldError.Required($"{path}.items", "must be specified"));
        }

        foreach (var (name, property) in schema.Object("properties") ?? [])
        {
            if (property is JsonObject its)
            {
                Spine(its, Level.Field, $"{path}.properties[{name}]", faults);
            }
        }

        CheckValues(schema, path, faults);
        if (schema["additionalProperties"] is { } additional && additional.GetValueKind() is not JsonValueKind.False)
        {
            if (level is Level.Root)
            {
                faults.Add(FieldError.Forbidden($"{path}.additionalProperties", "must not be used at the root"));
            }

            if (additional is JsonObject values)
            {
                Spine(values, Level.Field, $"{path}.additionalProperties", faults);
            }
        }

        CheckType(schema, type, level, path, faults);
        CheckExtensions(schema, path, faults);
        CheckMetadata(schema, level, path, faults);
    }

    static void CheckType(JsonObject schema, string type, Level level, string path, List<FieldError> faults)
    {
        if (Flag(schema, "x-kubernetes-embedded-resource") && type != "object")
        {
            const string rule = "must be object if x-kubernetes-embedded-resource is true";
            faults.Add(type.Length == 0 ? FieldError.Required($"{path}.type", rule) : FieldError.Invalid($"{path}.type", type, rule));
        }
        else if (type.Length == 0 && !schema.ContainsKey("$ref") && !Flag(schema, "x-kubernetes-int-or-string") && !Flag(schema, "x-kubernetes-preserve-unknown-fields"))
        {
            faults.Add(FieldError.Required($"{path}.type", level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            }));
        }

        if (level is Level.Root && type.Length > 0 && type != "object")
        {
            faults.Add(FieldError.Invalid($"{path}.type", type, "must be object at the root"));
        }
    }

    static void CheckExtensions(JsonObject schema, string path, List<FieldError> faults)
    {
        foreach (var name in (string[])["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"])
        {
            if (Flag(schema, "x-kubernetes-int-or-string") && Flag(schema, name))
            {
                faults.Add(FieldError.Invalid($"{path}.{name}", true, "must be false if x-kubernetes-int-or-string is true"));
            }
        }

        if (!Flag(schema, "x-kubernetes-embedded-resource"))
        {
            return;
        }

        if (schema["additionalProperties"] is not null)
        {
            faults.Add(FieldError.Forbidden($"{path}.additionalProperties", "must not be used if x-kubernetes-embedded-resource is set"));
        }

        if (!Flag(schema, "x-kubernetes-preserve-unknown-fields") && (schema.Object("properties")?.Count ?? 0) == 0)
        {
            faults.Add(FieldError.Required($"{path}.properties", "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"));
        }
    }

    /// <summary>Of the metadata of a resource, a schema may restrict the name alone.</summary>
    static void CheckMetadata(JsonObject schema, Level level, string path, List<FieldError> faults)
    {
        var isResource = level is Level.Root || Flag(schema, "x-kubernetes-embedded-resource");
        foreach (var name in (string[])["kind", "apiVersion"])
        {
            if (isResource && schema.Object("properties").Object(name) is { } text && text.Text("type") != "string")
            {
                faults.Add(FieldError.Invalid($"{path}.properties[{name}].type", text.Text("type") ?? "", "must be string"));
            }
        }

        if (schema.Object("properties").Object("metadata") is not { } metadata)
        {
            return;
        }

        if (isResource && metadata.Text("type") != "object")
        {
            faults.Add(FieldError.Invalid($"{path}.properties[metadata].type", metadata.Text("type") ?? "", "must be object"));
        }

        if (level is Level.Root && (metadata.Any(member => member.Key is not ("type" or "properties" or "default" or "description"))
            || metadata.ContainsKey("description")
            || metadata.Object("properties")?.Any(property => property.Key is not ("name" or "generateName")) == true))
        {
            faults.Add(FieldError.Forbidden($"{path}.properties[metadata]", "must not specify anything other than name and generateName, but metadata is implicitly specified"));
        }
    }

    static void CheckValues(JsonObject schema, string path, List<FieldError> faults)
    {
        var intOrString = Flag(schema, "x-kubernetes-int-or-string");
        CheckJunctors(schema, path, faults, intOrString && IsIntOrString(schema), intOrString && schema.Array("allOf") is [JsonObject first, ..] && IsIntOrString(first));
        if (schema.Text("pattern") is { Length: > 0 } pattern && !GoPattern.TryRead(pattern, out _, out var fault))
        {
            faults.Add(FieldError.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: error parsing regexp: {fault}"));
        }
    }

    static void CheckJunctors(JsonObject schema, string path, List<FieldError> faults, bool skipAnyOf, bool skipFirstAllOf)
    {
        foreach (var junctor in (string[])["anyOf", "allOf", "oneOf"])
        {
            var branches = schema.Array(junctor);
            for (var i = 0; i < branches?.Count; i++)
            {
                if (branches[i] is JsonObject branch && !(junctor == "anyOf" && skipAnyOf))
                {
                    Nested(branch, $"{path}.{junctor}[{i}]", faults, junctor == "allOf" && i == 0 && skipFirstAllOf);
                }
            }
        }

        if (schema.Object("not") is { } not)
        {
            Nested(not, $"{path}.not", faults, false);
        }
    }

    /// <summary>Below a junctor only values may be restricted.</summary>
    static void Nested(JsonObject schema, string path, List<FieldError> faults, bool skipAnyOf)
    {
        CheckJunctors(schema, path, faults, skipAnyOf, false);
        if (schema.Text("pattern") is { Length: > 0 } pattern && !GoPattern.TryRead(pattern, out _, out var fault))
        {
            faults.Add(FieldError.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: error parsing regexp: {fault}"));
        }

        if (schema.Object("items") is { } items)
        {
            Nested(items, $"{path}.items", faults, false);
        }

        foreach (var (name, property) in schema.Object("properties") ?? [])
        {
            if (property is JsonObject its)
            {
                Nested(its, $"{path}.properties[{name}]", faults, false);
            }
        }

        foreach (var (name, rule) in (ReadOnlySpan<(string, string)>)
        [
            ("type", "must be empty to be structural"),
            ("additionalProperties", "must be undefined to be structural"),
            ("default", "must be undefined to be structural"),
            ("title", "must be empty to be structural"),
            ("description", "must be empty to be structural"),
            ("nullable", "must be false to be structural"),
            ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
            ("x-kubernetes-embedded-resource", "must be false to be structural"),
            ("x-kubernetes-int-or-string", "must be false to be structural"),
            ("x-kubernetes-list-map-keys", "must be empty to be structural"),
            ("x-kubernetes-list-type", "must be undefined to be structural"),
            ("x-kubernetes-map-type", "must be undefined to be structural"),
            ("x-kubernetes-validations", "must be empty to be structural"),
        ])
        {
            if (schema[name] is { } value && value.GetValueKind() is not JsonValueKind.False && value.ToJsonString() is not ("\"\"" or "[]"))
            {
                faults.Add(FieldError.Forbidden($"{path}.{name}", rule));
            }
        }

        if (schema.Object("properties")?.ContainsKey("metadata") == true)
        {
            faults.Add(FieldError.Forbidden($"{path}.properties[metadata]", "must not be specified in a nested context"));
        }
    }

    /// <summary>The one place where a type may stand below a junctor.</summary>
    static bool IsIntOrString(JsonObject schema) =>
        schema.Array("anyOf") is [JsonObject { Count: 1 } first, JsonObject { Count: 1 } second] && first.Text("type") == "integer" && second.Text("type") == "string";

    static bool Flag(JsonObject schema, string name) => schema.Flag(name) == true;
}
