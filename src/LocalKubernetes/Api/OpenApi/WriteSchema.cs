using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore.Schemas;

namespace Slotwise.LocalKubernetes.Api.OpenApi;

/// <summary>Writes schemas as OpenAPI v3 does, with the named types of the built-in kinds as components.</summary>
public sealed class WriteSchema
{
    readonly SortedDictionary<string, JsonObject> _components = new(StringComparer.Ordinal);

    /// <summary>The types that were referred to so far, by name.</summary>
    public IReadOnlyDictionary<string, JsonObject> Components => _components;

    /// <summary>Adds a type under its own name, with what marks it as a kind of the API.</summary>
    public void AddKind(string name, Schema schema, KubernetesKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var json = Body(schema);
        json["x-kubernetes-group-version-kind"] = new JsonArray(KindOf(kind));
        _components[name] = json;
    }

    public static JsonObject KindOf(KubernetesKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return new JsonObject { ["group"] = kind.Group, ["kind"] = kind.Kind, ["version"] = kind.Version };
    }

    JsonObject Write(Schema schema)
    {
        if (schema.TypeName is not { } name)
        {
            return Body(schema);
        }

        if (!_components.ContainsKey(name))
        {
            _components[name] = [];
            _components[name] = Body(schema);
        }

        // A reference may have no siblings, so that one with a description of its own is wrapped.
        var reference = new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = $"#/components/schemas/{name}" }) };
        AddText(reference, "description", schema.Description);
        if (schema.Default is { } value)
        {
            reference["default"] = value.DeepClone();
        }

        return reference;
    }

    JsonObject Body(Schema schema)
    {
        var json = new JsonObject();
        AddText(json, "description", schema.Description);
        if (schema.Type is not SchemaType.Any)
        {
            json["type"] = schema.Type switch
            {
                SchemaType.Object => "object",
                SchemaType.Array => "array",
                SchemaType.String => "string",
                SchemaType.Integer => "integer",
                SchemaType.Number => "number",
                _ => "boolean",
            };
        }

        AddText(json, "format", schema.Format == "quantity" ? null : schema.Format);
        AddText(json, "pattern", schema.Pattern);
        if (schema.Properties.Count > 0)
        {
            json["properties"] = new JsonObject(schema.Properties.Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Write(property.Value))));
        }

        if (schema.Required.Count > 0)
        {
            json["required"] = new JsonArray([.. schema.Required.Select(name => (JsonNode)name)]);
        }

        if (schema.Items is { } items)
        {
            json["items"] = Write(items);
        }

        if (schema.AdditionalProperties is { } additional)
        {
            json["additionalProperties"] = Write(additional);
        }

        AddBounds(json, schema);
        AddExtensions(json, schema);
        return json;
    }

    static void AddBounds(JsonObject json, Schema schema)
    {
        Add(json, "default", schema.Default?.DeepClone());
        Add(json, "enum", schema.Enum is { } values ? new JsonArray([.. values.Select(value => value?.DeepClone())]) : null);
        Add(json, "minimum", schema.Minimum);
        Add(json, "maximum", schema.Maximum);
        Add(json, "exclusiveMinimum", schema.ExclusiveMinimum ? true : null);
        Add(json, "exclusiveMaximum", schema.ExclusiveMaximum ? true : null);
        Add(json, "multipleOf", schema.MultipleOf);
        Add(json, "minLength", schema.MinLength);
        Add(json, "maxLength", schema.MaxLength);
        Add(json, "minItems", schema.MinItems);
        Add(json, "maxItems", schema.MaxItems);
        Add(json, "minProperties", schema.MinProperties);
        Add(json, "maxProperties", schema.MaxProperties);
    }

    static void AddExtensions(JsonObject json, Schema schema)
    {
        Add(json, "x-kubernetes-int-or-string", schema.IntOrString ? true : null);
        Add(json, "x-kubernetes-preserve-unknown-fields", schema.PreserveUnknownFields ? true : null);
        Add(json, "x-kubernetes-embedded-resource", schema.EmbeddedResource ? true : null);
        Add(json, "x-kubernetes-validations", schema.ValidationRules?.DeepClone());
        AddText(json, "x-kubernetes-map-type", schema.AtomicMap ? "atomic" : null);
        if (schema.Type is SchemaType.Array)
        {
            json["x-kubernetes-list-type"] = schema.ListType switch { ListType.Map => "map", ListType.Set => "set", _ => "atomic" };
            if (schema.ListMapKeys.Count > 0)
            {
                json["x-kubernetes-list-map-keys"] = new JsonArray([.. schema.ListMapKeys.Select(key => (JsonNode)key)]);
                json["x-kubernetes-patch-merge-key"] = schema.ListMapKeys[0];
            }

            AddText(json, "x-kubernetes-patch-strategy", schema.ListType is ListType.Atomic ? null : "merge");
        }
    }

    static void Add(JsonObject json, string name, JsonNode? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    static void AddText(JsonObject json, string name, string? value) => Add(json, name, value is null ? null : JsonValue.Create(value));
}
