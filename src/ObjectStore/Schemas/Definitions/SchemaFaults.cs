namespace Slotwise.ObjectStore.Schemas.Definitions;

/// <summary>What is wrong with the schema of a definition: forbidden and contradicting keywords, then its rules in CEL. In the words of the API server.</summary>
sealed class SchemaFaults
{
    static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    readonly List<FieldError> _faults = [];
    readonly bool _checkRules;
    readonly RuleCosts _costs = new();

    SchemaFaults(bool checkRules) => _checkRules = checkRules;

    public static List<FieldError> Find(JsonObject schema, string path)
    {
        var structural = StructuralFaults.Find(schema, path);
        var defaults = structural.Count == 0 ? DefaultFaults.Find(schema, path) : [];
        var faults = new SchemaFaults(structural.Count == 0 && defaults.Count == 0);
        faults.Visit(schema, path, new Place(IsRoot: true, Cardinality: 1));
        return [.. structural, .. defaults, .. faults._faults, .. faults._costs.Faults(path)];
    }

    /// <param name="IsRoot">Of a resource, or of one in another.</param>
    /// <param name="InMetadata">Of a resource.</param>
    /// <param name="NoDefaults">Why there may be no defaults; null when there may.</param>
    /// <param name="Uncorrelated">The list above of which nobody knows which old item a new one was.</param>
    /// <param name="Cardinality">How often values of the schema can be in an object; null when that has no bound.</param>
    /// <param name="InJunctor">Below <c>allOf</c> and its likes, where there are no rules.</param>
    sealed record Place(bool IsRoot = false, bool InMetadata = false, string? NoDefaults = null, string? Uncorrelated = null, long? Cardinality = null, bool InJunctor = false);

    /// <returns>Whether the keywords are in order, here and below.</returns>
    bool Visit(JsonObject schema, string path, Place place)
    {
        var before = _faults.Count;
        CheckKeywords(schema, path, place);
        CheckLists(schema, path);
        var isSound = _faults.Count == before;
        isSound &= VisitBelow(schema, path, place with { IsRoot = false });
        var rules = schema.Array("x-kubernetes-validations");
        before = _faults.Count;
        RuleFaults.CheckTexts(schema, path, _faults);
        isSound &= _faults.Count == before;
        if (rules is { Count: > 0 } && isSound && _checkRules && !place.InJunctor)
        {
            RuleFaults.CheckPrograms(schema, path, place.IsRoot || schema.Flag("x-kubernetes-embedded-resource") == true, place.Uncorrelated, place.Cardinality, _costs, _faults);
        }

        return isSound;
    }

    bool VisitBelow(JsonObject schema, string path, Place place)
    {
        var isSound = true;
        if (schema.Object("additionalProperties") is { } values)
        {
            isSound &= Visit(values, $"{path}.additionalProperties", place with
            {
                NoDefaults = place.InMetadata ? "inside additionalProperties applying to object metadata" : place.NoDefaults,
                Cardinality = Times(place.Cardinality, schema.Number("maxProperties")),
            });
        }

        var isResource = path.EndsWith("openAPIV3Schema", StringComparison.Ordinal) || schema.Flag("x-kubernetes-embedded-resource") == true;
        foreach (var (name, property) in schema.Object("properties") ?? [])
        {
            if (property is not JsonObject its)
            {
                continue;
            }

            var inMetadata = isResource && name is "metadata" or "kind" or "apiVersion";
            isSound &= Visit(its, $"{path}.properties[{name}]", place with
            {
                InMetadata = place.InMetadata || inMetadata,
                NoDefaults = inMetadata && path.EndsWith("openAPIV3Schema", StringComparison.Ordinal) ? $"in top-level {name}" : place.NoDefaults,
            });
        }

        foreach (var junctor in (string[])["not", "allOf", "oneOf", "anyOf"])
        {
            var branches = schema[junctor] is JsonObject one ? [one] : (schema.Array(junctor) ?? []).OfType<JsonObject>().ToList();
            for (var i = 0; i < branches.Count; i++)
            {
                isSound &= Visit(branches[i], junctor == "not" ? $"{path}.not" : $"{path}.{junctor}[{i}]", place with { InJunctor = true });
            }
        }

        if (schema.Object("items") is { } items)
        {
            isSound &= Visit(items, $"{path}.items", place with
            {
                Uncorrelated = place.Uncorrelated ?? (schema.Text("x-kubernetes-list-type") == "map" ? null : path),
                Cardinality = Times(place.Cardinality, schema.Number("maxItems")),
            });
        }

        return isSound;
    }

    void CheckKeywords(JsonObject schema, string path, Place place)
    {
        if (schema.Text("type") is { Length: > 0 } type && !Types.Contains(type))
        {
            _faults.Add(FieldError.NotSupported($"{path}.type", type, Types.Select(one => $"\"{one}\"")));
        }

        if (schema["default"] is not null && place.NoDefaults is { } reason)
        {
            _faults.Add(FieldError.Forbidden($"{path}.default", $"must not be set {reason}"));
        }

        foreach (var keyword in (string[])["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"])
        {
            if (schema[keyword] is { } value && value.ToJsonString() is not ("\"\"" or "{}" or "false"))
            {
                _faults.Add(FieldError.Forbidden($"{path}.{keyword}", $"{keyword} is not supported"));
            }
        }

        if (schema.Text("type") == "null")
        {
            _faults.Add(FieldError.Forbidden($"{path}.type", "type cannot be set to null, use nullable as an alternative"));
        }

        if (schema.Array("items") is { Count: > 0 })
        {
            _faults.Add(FieldError.Forbidden($"{path}.items", "items must be a schema object and not an array"));
        }

        if (place.InMetadata && schema.Flag("x-kubernetes-embedded-resource") == true)
        {
            _faults.Add(FieldError.Forbidden($"{path}.x-kubernetes-embedded-resource", "must not be used inside of resource meta"));
        }

        if (schema.Flag("uniqueItems") == true)
        {
            _faults.Add(FieldError.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }

        if (schema["additionalProperties"] is JsonObject or JsonValue { } && schema.Object("properties") is { Count: > 0 } && schema.Flag("additionalProperties") != true)
        {
            _faults.Add(FieldError.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive"));
        }

        if (schema.Flag("x-kubernetes-preserve-unknown-fields") == false)
        {
            _faults.Add(FieldError.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
        }

        if (schema.Text("x-kubernetes-map-type") is { } mapType)
        {
            RequireType(schema, path, "object", "must be object if x-kubernetes-map-type is specified");
            if (mapType is not ("atomic" or "granular"))
            {
                _faults.Add(FieldError.NotSupported($"{path}.x-kubernetes-map-type", mapType, ["\"atomic\"", "\"granular\""]));
            }
        }
    }

    void CheckLists(JsonObject schema, string path)
    {
        var listType = schema.Text("x-kubernetes-list-type");
        var keys = schema.Array("x-kubernetes-list-map-keys").Texts().ToList();
        if (listType is not null)
        {
            RequireType(schema, path, "array", "must be array if x-kubernetes-list-type is specified");
            CheckSet(schema, listType, path);
        }

        if (listType is not (null or "atomic" or "set" or "map"))
        {
            _faults.Add(FieldError.NotSupported($"{path}.x-kubernetes-list-type", listType, ["\"atomic\"", "\"set\"", "\"map\""]));
        }

        if (keys.Count > 0 && listType != "map")
        {
            const string rule = "must be map if x-kubernetes-list-map-keys is non-empty";
            _faults.Add(listType is null ? FieldError.Required($"{path}.x-kubernetes-list-type", rule) : FieldError.Invalid($"{path}.x-kubernetes-list-type", listType, rule));
        }

        if (listType == "map")
        {
            CheckMap(schema, keys, path);
        }

        if (listType is "map" or "set" && schema.Object("items").Flag("nullable") == true)
        {
            _faults.Add(FieldError.Forbidden($"{path}.items.nullable", $"cannot be nullable when x-kubernetes-list-type is {listType}"));
        }
    }

    void CheckSet(JsonObject schema, string listType, string path)
    {
        if (listType != "set" || schema.Object("items") is not { } items)
        {
            return;
        }

        const string rule = "must be atomic as item of a list with x-kubernetes-list-type=set";
        if (items.Text("type") == "array" && items.Text("x-kubernetes-list-type") is not (null or "atomic"))
        {
            _faults.Add(FieldError.Invalid($"{path}.items.x-kubernetes-list-type", items.Text("x-kubernetes-list-type"), rule));
        }

        if (items.Text("type") == "object" && items.Text("x-kubernetes-map-type") != "atomic")
        {
            _faults.Add(FieldError.Invalid($"{path}.items.x-kubernetes-map-type", items.Text("x-kubernetes-list-type"), rule));
        }
    }

    void CheckMap(JsonObject schema, List<string> keys, string path)
    {
        if (keys.Count == 0)
        {
            _faults.Add(FieldError.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"));
        }

        if (schema.Object("items") is not { } items)
        {
            _faults.Add(FieldError.Required($"{path}.items", "must have a schema if x-kubernetes-list-type is map"));
            return;
        }

        if (items.Text("type") != "object")
        {
            _faults.Add(FieldError.Invalid($"{path}.items.type", items.Text("type") ?? "", "must be object if parent array's x-kubernetes-list-type is map"));
            return;
        }

        var shown = schema.Array("x-kubernetes-list-map-keys");
        foreach (var key in keys)
        {
            var at = $"{path}.items.properties[{key}]";
            if (items.Object("properties").Object(key) is not { } property)
            {
                _faults.Add(FieldError.Invalid($"{path}.x-kubernetes-list-map-keys", shown, "entries must all be names of item properties"));
                continue;
            }

            if (property.Text("type") is "array" or "object")
            {
                _faults.Add(FieldError.Invalid($"{at}.type", items.Text("type"), "must be a scalar type if parent array's x-kubernetes-list-type is map"));
            }

            if (property["default"] is null && !items.Array("required").Texts().Contains(key))
            {
                _faults.Add(FieldError.Required($"{at}.default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
            }

            if (property.Flag("nullable") == true)
            {
                _faults.Add(FieldError.Forbidden($"{at}.nullable", "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
            }
        }

        if (keys.Distinct().Count() < keys.Count)
        {
            _faults.Add(FieldError.Invalid($"{path}.x-kubernetes-list-map-keys", shown, "must not contain duplicate entries"));
        }
    }

    void RequireType(JsonObject schema, string path, string type, string rule)
    {
        var its = schema.Text("type") ?? "";
        if (its != type)
        {
            _faults.Add(its.Length == 0 ? FieldError.Required($"{path}.type", rule) : FieldError.Invalid($"{path}.type", its, rule));
        }
    }

    static long? Times(long? cardinality, long? most)
    {
        if (cardinality is not { } times || most is not { } factor)
        {
            return null;
        }

        return factor > 0 && times > long.MaxValue / factor ? long.MaxValue : times * factor;
    }
}
