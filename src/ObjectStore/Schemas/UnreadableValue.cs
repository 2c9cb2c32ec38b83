using System.Buffers;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>
/// What keeps an object of a built-in kind from being read at all: Kubernetes reads those into Go types, and says what failed there in the words
/// of <c>encoding/json</c>.
/// </summary>
static class UnreadableValue
{
    static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    const string Quantities = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    /// <summary>The first fault; null when there is none.</summary>
    public static string? Find(Schema schema, JsonNode? value) => Find(schema, value, ShortName(schema), "");

    static string? Find(Schema schema, JsonNode? value, string owner, string path)
    {
        if (value is null || schema.PreserveUnknownFields)
        {
            return null;
        }

        if (!Fits(schema, value))
        {
            var where = path.Length == 0 ? $"value of type {GoType(schema)}" : $"struct field {owner}.{path} of type {GoType(schema)}";
            return $"json: cannot unmarshal {Describe(value)} into Go {where}";
        }

        return value switch
        {
            JsonObject obj => Members(schema, obj, owner, path),
            JsonArray array => schema.Items is { } items ? array.Select(item => Find(items, item, owner, path)).FirstOrDefault(fault => fault is not null) : null,
            _ => Text(schema, value.AsText()),
        };
    }

    static string? Members(Schema schema, JsonObject obj, string owner, string path)
    {
        if (schema.TypeName is not null)
        {
            owner = ShortName(schema);
        }

        foreach (var (name, member) in obj)
        {
            // A map's keys are no fields: its values stand where the map does.
            if (schema.Member(name) is { } known && Find(known, member, owner, schema.Properties.ContainsKey(name) ? path.Length == 0 ? name : $"{path}.{name}" : path) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    static string? Text(Schema schema, string? text) => schema.Format switch
    {
        _ when text is null || TextFormat.IsValid(schema.Format, text) => null,
        "quantity" => Quantities,
        "byte" => $"illegal base64 data at input byte {FirstIllegal(text)}",
        "date-time" => $"parsing time \"\\\"{text}\\\"\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\"",
        _ => null,
    };

    static bool Fits(Schema schema, JsonNode value)
    {
        var kind = value.GetValueKind();
        if (schema.IntOrString || schema.Format == "quantity")
        {
            return kind is JsonValueKind.String or JsonValueKind.Number;
        }

        return schema.Type switch
        {
            SchemaType.Object => kind is JsonValueKind.Object,
            SchemaType.Array => kind is JsonValueKind.Array,
            SchemaType.String => kind is JsonValueKind.String,
            SchemaType.Integer => value.AsNumber() is { } number && (schema.Format != "int32" || number is >= int.MinValue and <= int.MaxValue),
            SchemaType.Number => kind is JsonValueKind.Number,
            SchemaType.Boolean => kind is JsonValueKind.True or JsonValueKind.False,
            _ => true,
        };
    }

    static string Describe(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.AsNumber() is null ? $"number {value.ToJsonString()}" : "number",
        _ => "bool",
    };

    static string GoType(Schema schema) => schema switch
    {
        { AdditionalProperties: { } values } => $"map[string]{GoType(values)}",
        { Type: SchemaType.Object, TypeName: not null } => $"v1.{ShortName(schema)}",
        { Type: SchemaType.Array, Items: { } items } => $"[]{GoType(items)}",
        { Type: SchemaType.Integer } => schema.Format == "int64" ? "int64" : "int32",
        { Type: SchemaType.Boolean } => "bool",
        { Format: "byte" } => "[]uint8",
        _ => "string",
    };

    static string ShortName(Schema schema) => schema.TypeName is { } name ? name[(name.LastIndexOf('.') + 1)..] : "";

    static int FirstIllegal(string text)
    {
        var at = text.AsSpan().IndexOfAnyExcept(Base64);
        return at < 0 ? text.Length : at;
    }
}
