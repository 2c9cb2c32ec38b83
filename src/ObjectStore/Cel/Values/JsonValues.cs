using System.Globalization;

namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>Values of objects as expressions see them.</summary>
static class JsonValues
{
    public static object Of(JsonNode? json, Schema schema)
    {
        switch (json)
        {
            case null:
                return schema.Nullable ? CelNull.Value : new CelError("invalid data, got null for schema with nullable=false");
            case JsonObject obj:
                return new JsonMap(schema, obj);
            case JsonArray array:
                var items = schema.Items ?? Schema.Anything;
                return new JsonList(schema, [.. array.Select(item => Of(item, items))]);
        }

        return json.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => Text(json.GetValue<string>(), schema),
            _ => Number(json.ToJsonString(), schema),
        };
    }

    static object Text(string text, Schema schema) => schema.IntOrString ? text : schema.Format switch
    {
        "byte" => Conversion.TryReadBase64(text, out var bytes) ? bytes : new CelError($"invalid base64 data, got '{text}'"),
        "duration" => (object?)Conversion.ReadDuration(text) ?? new CelError($"invalid duration {text}"),
        "date" or "date-time" => (object?)Conversion.ReadTimestamp(text) ?? (object?)Conversion.ReadDate(text) ?? new CelError($"invalid data, expected string in RFC3339 format, got '{text}'"),
        _ => text,
    };

    static object Number(string text, Schema schema)
    {
        if (schema.Type is not SchemaType.Number && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return whole;
        }

        var number = double.Parse(text, CultureInfo.InvariantCulture);
        return schema.Type is SchemaType.Number || Math.Truncate(number) != number ? number : (long)number;
    }
}
