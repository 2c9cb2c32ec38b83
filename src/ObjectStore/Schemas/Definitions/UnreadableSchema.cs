namespace Slotwise.ObjectStore.Schemas.Definitions;

/// <summary>Keywords of the wrong type: Kubernetes cannot even read a definition with such a schema.</summary>
static class UnreadableSchema
{
    static readonly Dictionary<string, string> Types = new()
    {
        ["type"] = "string",
        ["format"] = "string",
        ["title"] = "string",
        ["description"] = "string",
        ["pattern"] = "string",
        ["x-kubernetes-list-type"] = "string",
        ["x-kubernetes-map-type"] = "string",
        ["nullable"] = "bool",
        ["uniqueItems"] = "bool",
        ["exclusiveMinimum"] = "bool",
        ["exclusiveMaximum"] = "bool",
        ["x-kubernetes-preserve-unknown-fields"] = "bool",
        ["x-kubernetes-int-or-string"] = "bool",
        ["x-kubernetes-embedded-resource"] = "bool",
        ["minimum"] = "float64",
        ["maximum"] = "float64",
        ["multipleOf"] = "float64",
        ["minLength"] = "int64",
        ["maxLength"] = "int64",
        ["minItems"] = "int64",
        ["maxItems"] = "int64",
        ["minProperties"] = "int64",
        ["maxProperties"] = "int64",
        ["required"] = "[]string",
        ["enum"] = "[]v1.JSON",
        ["x-kubernetes-list-map-keys"] = "[]string",
        ["properties"] = "map[string]v1.JSONSchemaProps",
    };

    /// <exception cref="KubernetesApiException">400.</exception>
    public static void Refuse(JsonNode? schema)
    {
        if (schema is not JsonObject obj)
        {
            return;
        }

        foreach (var (keyword, value) in obj)
        {
            if (value is not null && Types.TryGetValue(keyword, out var type))
            {
                Check(keyword, value, type);
            }
        }

        foreach (var (_, property) in obj.Object("properties") ?? [])
        {
            Refuse(property);
        }

        foreach (var keyword in (string[])["items", "additionalProperties", "not"])
        {
            Refuse(obj[keyword]);
        }

        foreach (var branch in ((string[])["allOf", "anyOf", "oneOf"]).SelectMany(junctor => obj.Array(junctor) ?? []))
        {
            Refuse(branch);
        }
    }

    static void Check(string keyword, JsonNode value, string type)
    {
        var items = type == "[]string" ? (value as JsonArray)?.Where(item => item is not null && item.AsText() is null).ToList() : null;
        if (items is { Count: > 0 })
        {
            throw Unreadable(items[0]!, $"{keyword}", "string");
        }

        var isRight = type switch
        {
            "string" => value.AsText() is not null,
            "bool" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "float64" => value.GetValueKind() is JsonValueKind.Number,
            "int64" => value.AsNumber() is not null,
            ['[', ..] => value is JsonArray,
            _ => value is JsonObject,
        };
        if (!isRight)
        {
            throw Unreadable(value, keyword, type);
        }
    }

    static KubernetesApiException Unreadable(JsonNode value, string keyword, string type) =>
        ApiError.BadRequest($"CustomResourceDefinition in version \"v1\" cannot be handled as a CustomResourceDefinition: json: cannot unmarshal {GoName(value)} into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.{keyword} of type {type}");

    static string GoName(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };
}
