using System.Text.Json.Nodes;

namespace Slotwise.Reconcilers.Resources;

/// <summary>
/// Adds what a user wrote into <c>spec.podTemplate</c> to a template, as kubectl merges: objects field by field, lists whose elements have names by name, and of other lists what is
/// not there yet. Nothing is taken away. What must not be changed was refused before.
/// </summary>
static class PodTemplateMerge
{
    /// <summary>The fields by which elements of a list are told apart; a mount has a name too, but several mounts may share a volume.</summary>
    static readonly string[] ElementKeys = ["mountPath", "containerPort", "name"];

    public static JsonObject Merge(JsonObject own, JsonObject added)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(added);
        foreach (var (name, value) in added)
        {
            switch (own[name], value)
            {
                case (_, null):
                    break;
                case (JsonObject fields, JsonObject more):
                    Merge(fields, more);
                    break;
                case (JsonArray elements, JsonArray more):
                    Merge(elements, more);
                    break;
                default:
                    own[name] = value.DeepClone();
                    break;
            }
        }

        return own;
    }

    static void Merge(JsonArray own, JsonArray added)
    {
        foreach (var element in added)
        {
            var same = own.FirstOrDefault(candidate => IsSame(candidate, element));
            if (same is JsonObject fields && element is JsonObject more)
            {
                Merge(fields, more);
            }
            else if (same is null)
            {
                own.Add(element?.DeepClone());
            }
        }
    }

    static bool IsSame(JsonNode? one, JsonNode? other)
    {
        var key = ElementKeys.FirstOrDefault(key => one is JsonObject left && left[key] is not null && other is JsonObject right && right[key] is not null);
        return key is null ? JsonNode.DeepEquals(one, other) : JsonNode.DeepEquals(one![key], other![key]);
    }
}
