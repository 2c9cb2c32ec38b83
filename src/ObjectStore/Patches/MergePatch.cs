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
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                var changed = Apply(merged[name], value);
                merged[name] = changed;
            }
        }

        return merged;
    }
}
