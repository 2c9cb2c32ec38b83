using System.Globalization;

namespace Slotwise.ObjectStore.Patches;

/// <summary>JSON Patch, RFC 6902.</summary>
public static class JsonPatch
{
    const int MostOperations = 10_000;

    /// <summary>Returns a changed copy.</summary>
    /// <exception cref="KubernetesApiException">400: not a patch; 413: too many operations; 422: one cannot be carried out.</exception>
    public static JsonNode? Apply(JsonNode? document, JsonArray operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        if (operations.Count > MostOperations)
        {
            throw ApiError.TooLarge($"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }

        // A wrapper, so that the whole document can be replaced like any member.
        var root = new JsonObject { ["document"] = document?.DeepClone() };
        foreach (var node in operations)
        {
            var operation = node as JsonObject ?? throw ApiError.BadRequest("error decoding patch: json: cannot unmarshal value into Go value of type handlers.jsonPatchOp");
            Apply(root, operation);
        }

        var changed = root["document"];
        root.Remove("document");
        return changed;
    }

    static void Apply(JsonObject root, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        switch (operation.Text("op"))
        {
            case "add":
                Add(root, path, operation["value"]?.DeepClone());
                break;
            case "remove":
                Remove(root, path);
                break;
            case "replace":
                Replace(root, path, operation["value"]?.DeepClone());
                break;
            case "move":
                var from = Pointer(operation, "from");
                var moved = Get(root, from)?.DeepClone();
                Remove(root, from);
                Add(root, path, moved);
                break;
            case "copy":
                Add(root, path, Get(root, Pointer(operation, "from"))?.DeepClone());
                break;
            case "test":
                if (!JsonNode.DeepEquals(Get(root, path), operation["value"]))
                {
                    throw Fault();
                }

                break;
            default:
                throw Fault();
        }
    }

    static List<string> Pointer(JsonObject operation, string name)
    {
        var text = operation.Text(name) ?? throw Fault();
        return ["document", .. text.Split('/').Skip(1).Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    static JsonNode? Get(JsonNode root, List<string> path)
    {
        JsonNode? node = root;
        foreach (var part in path)
        {
            node = node switch
            {
                JsonObject obj => obj[part],
                JsonArray array => array[Index(array, part, array.Count - 1)],
                _ => throw Fault(),
            };
        }

        return node;
    }

    static void Add(JsonObject root, List<string> path, JsonNode? value)
    {
        switch (Get(root, path[..^1]))
        {
            case JsonObject obj:
                obj[path[^1]] = value;
                break;
            case JsonArray array:
                array.Insert(path[^1] == "-" ? array.Count : Index(array, path[^1], array.Count), value);
                break;
            default:
                throw Fault();
        }
    }

    // Of a member that is not there too: the library that Kubernetes uses does not ask.
    static void Replace(JsonObject root, List<string> path, JsonNode? value)
    {
        switch (Get(root, path[..^1]))
        {
            case JsonObject obj:
                obj[path[^1]] = value;
                break;
            case JsonArray array:
                array[Index(array, path[^1], array.Count - 1)] = value;
                break;
            default:
                throw Fault();
        }
    }

    static void Remove(JsonObject root, List<string> path)
    {
        switch (Get(root, path[..^1]))
        {
            case JsonObject obj when obj.Remove(path[^1]):
                break;
            case JsonArray array:
                array.RemoveAt(Index(array, path[^1], array.Count - 1));
                break;
            default:
                throw Fault();
        }
    }

    static int Index(JsonArray array, string part, int last) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last && (part == "0" || part[0] != '0')
            ? index
            : throw Fault();

    // Kubernetes does not say more.
    static KubernetesApiException Fault() =>
        ApiError.Of(System.Net.HttpStatusCode.UnprocessableEntity, "Invalid", "the server rejected our request due to an error in our request", new V1StatusDetails());
}
