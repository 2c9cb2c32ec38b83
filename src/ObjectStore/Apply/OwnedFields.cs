namespace Slotwise.ObjectStore.Apply;

/// <summary>Which fields can have an owner: all but the identity of an object and what the server writes.</summary>
static class OwnedFields
{
    /// <summary>Of the members of an object; of its metadata only some count.</summary>
    public static bool IsOwned(string name) => name is not ("apiVersion" or "kind" or "metadata");

    public static bool IsOwnedInMetadata(string name) =>
        name is not ("name" or "namespace" or "creationTimestamp" or "selfLink" or "uid" or "generation" or "managedFields" or "resourceVersion" or "deletionTimestamp" or "deletionGracePeriodSeconds");

    /// <summary>A copy without what nobody owns.</summary>
    public static JsonObject Of(JsonObject obj)
    {
        var owned = Copy(obj, IsOwned);
        if (obj["metadata"] is JsonObject metadata && Copy(metadata, IsOwnedInMetadata) is { Count: > 0 } kept)
        {
            owned["metadata"] = kept;
        }

        return owned;
    }

    static JsonObject Copy(JsonObject obj, Func<string, bool> isKept)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in obj)
        {
            if (isKept(name))
            {
                copy[name] = value?.DeepClone();
            }
        }

        return copy;
    }
}
