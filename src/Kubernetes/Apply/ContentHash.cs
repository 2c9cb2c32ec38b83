using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Slotwise.Kubernetes.Apply;

/// <summary>A short name for what a JSON value says.</summary>
public static class ContentHash
{
    /// <summary>16 hexadecimal digits; the same for values that differ only in the order of their keys.</summary>
    public static string Of(JsonNode value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sorted(value)!.ToJsonString())))[..16];
    }

    /// <summary>The order of keys says nothing, and dictionaries do not promise one.</summary>
    static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonArray elements => new JsonArray([.. elements.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
