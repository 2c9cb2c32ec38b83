using System.Text.Json.Nodes;

namespace Slotwise.EndToEnd.Walks;

/// <summary>How a change is taken back.</summary>
static class TakenBack
{
    /// <summary>The merge patch that undoes another one.</summary>
    /// <param name="patch">The other one.</param>
    /// <param name="before">What it was applied to.</param>
    public static JsonObject Build(JsonObject patch, JsonObject before) => new(patch.Select(field => KeyValuePair.Create(
        field.Key,
        field.Value is JsonObject inner && before[field.Key] is JsonObject earlier ? Build(inner, earlier) : before[field.Key]?.DeepClone())));
}
