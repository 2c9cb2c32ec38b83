using System.Text.Json.Nodes;

namespace Slotwise.LocalKubernetes.Controllers;

/// <summary>The labels and annotations of a pod template. Pure.</summary>
public static class TemplateLabels
{
    public static SortedDictionary<string, string> Of(JsonObject template) => Read(template?["metadata"]?["labels"]);

    public static SortedDictionary<string, string> Annotations(JsonObject template) => Read(template?["metadata"]?["annotations"]);

    internal static SortedDictionary<string, string> Read(JsonNode? node)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in node as JsonObject ?? [])
        {
            map[key] = value?.GetValue<string>() ?? "";
        }

        return map;
    }
}
