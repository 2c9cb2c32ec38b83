using System.Globalization;

namespace Slotwise.ObjectStore.Objects;

/// <summary>Reads of JSON objects that take a missing or wrongly typed value as absent.</summary>
public static class JsonReading
{
    public static JsonObject? Object(this JsonObject? obj, string name) => obj?[name] as JsonObject;

    public static JsonArray? Array(this JsonObject? obj, string name) => obj?[name] as JsonArray;

    public static string? Text(this JsonObject? obj, string name) => obj?[name].AsText();

    public static string? AsText(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static long? Number(this JsonObject? obj, string name) => obj?[name].AsNumber();

    public static long? AsNumber(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && long.TryParse(value.ToJsonString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool? Flag(this JsonObject? obj, string name) => obj?[name] is JsonValue value
        ? value.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
        : null;

    /// <summary>The object under <paramref name="name"/>, made when there is none.</summary>
    public static JsonObject Ensure(this JsonObject obj, string name)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj[name] is JsonObject found)
        {
            return found;
        }

        var made = new JsonObject();
        obj[name] = made;
        return made;
    }

    /// <summary>The value at a path such as <c>.spec.replicas</c> or <c>spec.replicas</c>; null when there is none.</summary>
    public static JsonNode? At(this JsonObject? obj, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        JsonNode? node = obj;
        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            node = (node as JsonObject)?[part];
        }

        return node;
    }

    public static JsonObject Clone(this JsonObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return (JsonObject)obj.DeepClone();
    }

    public static IEnumerable<string> Texts(this JsonArray? array) =>
        array?.Select(AsText).OfType<string>() ?? [];
}
