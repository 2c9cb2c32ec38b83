namespace Slotwise.ObjectStore.Patches;

/// <summary>JSON Merge Patch, RFC 7386.</summary>
public static class MergePatch
{
    /// <summary>Returns a changed copy.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = target is JsonObject obj ? obj.Clone() : [];
        Merge(merged, changes);
        return merged;
    }

    /// <summary>In place: a copy at every level would be one of the same values again.</summary>
    static void Merge(JsonObject target, JsonObject changes)
    {
        foreach (var (name, value) in changes)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject below:
                    Merge(target.Ensure(name), below);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }
}
