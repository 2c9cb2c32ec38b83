namespace Slotwise.ObjectStore.Schemas;

/// <summary>Removes the fields that a schema does not know.</summary>
public static class PruneSchema
{
    /// <summary>Prunes in place and returns the paths of what it removed, such as <c>spec.shard</c>.</summary>
    public static List<string> Apply(Schema schema, JsonNode? value)
    {
        var removed = new List<string>();
        Prune(schema, value, "", removed);
        return removed;
    }

    static void Prune(Schema schema, JsonNode? value, string path, List<string> removed)
    {
        if (value is JsonArray array)
        {
            for (var i = 0; i < array.Count && schema.Items is not null; i++)
            {
                Prune(schema.Items, array[i], $"{path}[{i}]", removed);
            }
        }

        if (value is not JsonObject obj)
        {
            return;
        }

        foreach (var name in obj.Select(member => member.Key).ToList())
        {
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (schema.Member(name) is { } known)
            {
                Prune(known, obj[name], at, removed);
            }
            else if (schema.Prunes && !(schema.EmbeddedResource && name is ("apiVersion" or "kind" or "metadata")))
            {
                obj.Remove(name);
                removed.Add(at);
            }
        }
    }
}
