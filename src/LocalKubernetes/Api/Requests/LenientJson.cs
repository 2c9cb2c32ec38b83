using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slotwise.LocalKubernetes.Api.Requests;

/// <summary>JSON as Go reads it: of a field that is given twice the last one counts, and who wants to know is told.</summary>
static class LenientJson
{
    const int MaxDepth = 1000;

    /// <exception cref="FormatException">It is not JSON; in the words of Go's <c>encoding/json</c>.</exception>
    public static (JsonNode? Value, IReadOnlyList<string> Duplicates) Read(byte[] bytes)
    {
        var duplicates = new List<string>();
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var value = ReadValue(ref reader, "", duplicates);
            reader.Read();
            return (value, duplicates);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException(Describe(bytes, reader.BytesConsumed), e);
        }
    }

    static JsonNode? ReadValue(ref Utf8JsonReader reader, string path, List<string> duplicates) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader, path, duplicates),
        JsonTokenType.StartArray => ReadArray(ref reader, path, duplicates),
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.Number => JsonNode.Parse(reader.ValueSpan),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        _ => null,
    };

    static JsonObject ReadObject(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var obj = new JsonObject();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (obj.ContainsKey(name))
            {
                duplicates.Add(at);
            }

            obj[name] = ReadValue(ref reader, at, duplicates);
        }

        return obj;
    }

    static JsonArray ReadArray(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var array = new JsonArray();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            array.Add(ReadValue(ref reader, $"{path}[{array.Count}]", duplicates));
        }

        return array;
    }

    static string Describe(byte[] bytes, long consumed)
    {
        var rest = System.Text.Encoding.UTF8.GetString(bytes.AsSpan((int)consumed)).TrimStart();
        var open = rest.Length == 0 || rest[0] == '"' && rest.IndexOf('"', 1) < 0;
        return open ? "unexpected end of JSON input" : $"invalid character '{rest[0]}' looking for beginning of value";
    }
}
