using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Slotwise.LocalKubernetes.Controllers;

/// <summary>The hash of a pod template in the names and labels of what is made from it. Pure.</summary>
public static class TemplateHash
{
    // the letters that Kubernetes makes such names of: no vowels, so no words
    const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    /// <param name="collisions">How many names were taken by other templates already.</param>
    public static string Of(JsonNode template, int collisions)
    {
        var hash = 2166136261u;
        foreach (var one in Encoding.UTF8.GetBytes(Sorted(template)!.ToJsonString() + collisions.ToString(CultureInfo.InvariantCulture)))
        {
            hash = unchecked(hash * 16777619u) ^ one;
        }

        return string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(digit => Letters[digit % Letters.Length]));
    }

    /// <summary>Equal templates have equal text, in whatever order their fields come.</summary>
    static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
