using System.Globalization;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>Reads a <c>JSONSchemaProps</c>, the form in which a CustomResourceDefinition carries its schema.</summary>
public static class ReadSchema
{
    public static Schema From(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return new Schema
        {
            Type = TypeOf(json.Text("type")),
            Description = json.Text("description"),
            Properties = PropertiesOf(json.Object("properties")),
            Items = json.Object("items") is { } items ? From(items) : null,
            AdditionalProperties = AdditionalOf(json["additionalProperties"]),
            Required = [.. json.Array("required").Texts()],
            Default = json["default"]?.DeepClone(),
            Enum = json.Array("enum") is { } values ? [.. values.Select(value => value?.DeepClone())] : null,
            Minimum = NumberOf(json, "minimum"),
            Maximum = NumberOf(json, "maximum"),
            ExclusiveMinimum = json.Flag("exclusiveMinimum") ?? false,
            ExclusiveMaximum = json.Flag("exclusiveMaximum") ?? false,
            MultipleOf = NumberOf(json, "multipleOf"),
            MinLength = (int?)json.Number("minLength"),
            MaxLength = (int?)json.Number("maxLength"),
            MinItems = (int?)json.Number("minItems"),
            MaxItems = (int?)json.Number("maxItems"),
            MinProperties = (int?)json.Number("minProperties"),
            MaxProperties = (int?)json.Number("maxProperties"),
            Pattern = json.Text("pattern"),
            Format = json.Text("format"),
            UniqueItems = json.Flag("uniqueItems") ?? false,
            Nullable = json.Flag("nullable") ?? false,
            PreserveUnknownFields = json.Flag("x-kubernetes-preserve-unknown-fields") ?? false,
            IntOrString = json.Flag("x-kubernetes-int-or-string") ?? false,
            EmbeddedResource = json.Flag("x-kubernetes-embedded-resource") ?? false,
            ListType = json.Text("x-kubernetes-list-type") switch { "set" => ListType.Set, "map" => ListType.Map, _ => ListType.Atomic },
            ListMapKeys = [.. json.Array("x-kubernetes-list-map-keys").Texts()],
            AtomicMap = json.Text("x-kubernetes-map-type") == "atomic",
            AllOf = AllFrom(json.Array("allOf")),
            AnyOf = AllFrom(json.Array("anyOf")),
            OneOf = AllFrom(json.Array("oneOf")),
            Not = json.Object("not") is { } not ? From(not) : null,
            ValidationRules = json.Array("x-kubernetes-validations")?.DeepClone() as JsonArray,
        };
    }

    static SchemaType TypeOf(string? text) => text switch
    {
        "object" => SchemaType.Object,
        "array" => SchemaType.Array,
        "string" => SchemaType.String,
        "integer" => SchemaType.Integer,
        "number" => SchemaType.Number,
        "boolean" => SchemaType.Boolean,
        _ => SchemaType.Any,
    };

    static Dictionary<string, Schema> PropertiesOf(JsonObject? json)
    {
        var properties = new Dictionary<string, Schema>();
        foreach (var (name, value) in json ?? [])
        {
            properties[name] = value is JsonObject property ? From(property) : Schema.Anything;
        }

        return properties;
    }

    static Schema? AdditionalOf(JsonNode? json) => json switch
    {
        JsonObject schema => From(schema),
        JsonValue value when value.GetValueKind() == JsonValueKind.True => Schema.Anything,
        _ => null,
    };

    static List<Schema> AllFrom(JsonArray? json) => [.. (json ?? []).OfType<JsonObject>().Select(From)];

    static decimal? NumberOf(JsonObject json, string name) =>
        json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)
            : null;
}
