using System.Text.Json.Nodes;

namespace Slotwise.Entities.Tests.Crd;

/// <summary>Visits the parts of an OpenAPI schema.</summary>
static class SchemaWalk
{
    /// <summary>The schema itself and all below it.</summary>
    public static IEnumerable<(string Path, JsonNode Schema)> All(JsonNode schema, string path = "")
    {
        yield return (path, schema);
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            foreach (var inner in All(property!, path.Length == 0 ? name : $"{path}.{name}"))
            {
                yield return inner;
            }
        }

        foreach (var (keyword, suffix) in new[] { ("items", "[]"), ("additionalProperties", "[*]") })
        {
            if (schema[keyword] is JsonObject child)
            {
                foreach (var inner in All(child, path + suffix))
                {
                    yield return inner;
                }
            }
        }
    }

    /// <summary>What <c>kubectl explain</c> lists: the properties.</summary>
    public static IEnumerable<(string Path, JsonNode Schema)> Fields(JsonNode schema) =>
        All(schema).Where(node => node.Path.Length > 0 && !node.Path.EndsWith(']'));
}
