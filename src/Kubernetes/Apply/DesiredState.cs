using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Apply;

/// <summary>
/// Whether a live object already is what was asked for, so that a settled resource is not written to on every pass.
/// The API server fills in defaults, reorders lists that are really maps, and writes amounts in its own way; none of that is a difference.
/// </summary>
public static class DesiredState
{
    /// <summary>
    /// The fields by which the API tells elements of a list apart (<c>listMapKey</c>), the first that all elements have and that differs in
    /// each decides. A mount has a name too, but several mounts may share a volume: its path comes first.
    /// </summary>
    static readonly string[] ElementKeys = ["mountPath", "name", "containerPort", "port", "uid", "topologyKey", "type", "key", "ip"];

    static readonly SortedSet<string> QuantityMaps = new(StringComparer.Ordinal) { "limits", "requests", "capacity", "allocatable" };

    static readonly SortedSet<string> QuantityFields = new(StringComparer.Ordinal) { "storage", "sizeLimit", "divisor" };

    /// <summary>Maps that the server leaves out when they are empty. Other empty objects say something: <c>emptyDir: {}</c>.</summary>
    static readonly SortedSet<string> OmittedWhenEmpty = new(StringComparer.Ordinal)
    {
        "labels", "annotations", "matchLabels", "nodeSelector", "data", "binaryData", "limits", "requests",
    };

    /// <summary>Below these every list counts as a whole: one more port is not somebody else's addition but a hole in a policy.</summary>
    static readonly SortedSet<string> Rules = new(StringComparer.Ordinal) { "ingress", "egress" };

    static readonly KnownAnswers Known = new();

    /// <summary>Whether every field that is desired has its value in the live object. Fields that are not desired may have any.</summary>
    public static bool IsSatisfiedBy(JsonNode? desired, JsonNode? live) => IsSatisfied(desired, live, new Place("", IsQuantity: false, IsRule: false));

    /// <summary>The same of what is written as one type.</summary>
    /// <param name="live">A part of a live object; nothing of it ever changes.</param>
    public static bool IsSatisfiedBy<T>(T desired, T live, JsonTypeInfo<T> type)
        where T : class =>
        Known.Of(desired, live, type, () => IsSatisfiedBy(JsonSerializer.SerializeToNode(desired, type), JsonSerializer.SerializeToNode(live, type)));

    static bool IsSatisfied(JsonNode? desired, JsonNode? live, Place place) => desired switch
    {
        null => true,
        JsonObject fields => IsObjectSatisfied(fields, live, place),
        JsonArray elements => IsListSatisfied(elements, live, place),
        _ => IsValueSatisfied(desired, live, place),
    };

    static bool IsObjectSatisfied(JsonObject desired, JsonNode? live, Place place) => live is JsonObject current
        ? desired.All(field => IsSatisfied(field.Value, current[field.Key], place.Of(field.Key)))
        : live is null && desired.Count == 0 && OmittedWhenEmpty.Contains(place.Field);

    static bool IsListSatisfied(JsonArray desired, JsonNode? live, Place place)
    {
        if (live is not JsonArray current)
        {
            return live is null && desired.Count == 0;
        }

        var key = place.IsRule ? null : ElementKeys.FirstOrDefault(key => TellsApart(desired, key) && TellsApart(current, key));
        return key is null
            ? desired.Count == current.Count && desired.Zip(current).All(pair => IsSatisfied(pair.First, pair.Second, place.OfElement))
            : desired.All(wanted => current.Any(element => JsonNode.DeepEquals(element![key], wanted![key]) && IsSatisfied(wanted, element, place.OfElement)));
    }

    static bool TellsApart(JsonArray elements, string key)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        return elements.Count > 0 && elements.All(element => element is JsonObject fields && fields[key] is JsonValue value && seen.Add(value.ToJsonString()));
    }

    static bool IsValueSatisfied(JsonNode desired, JsonNode? live, Place place)
    {
        if (live is not JsonValue)
        {
            return live is null && desired.GetValueKind() == JsonValueKind.String && desired.GetValue<string>().Length == 0; // omitted when empty
        }

        if (place.IsQuantity && Quantity.TryParse(desired.ToString(), out var wanted) && Quantity.TryParse(live.ToString(), out var given))
        {
            return wanted == given;
        }

        return JsonNode.DeepEquals(desired, live);
    }

    /// <summary>Where in the object we are, as far as it matters.</summary>
    readonly record struct Place(string Field, bool IsQuantity, bool IsRule)
    {
        public Place OfElement => this with { Field = "" };

        public Place Of(string field) => new(field, QuantityMaps.Contains(Field) || QuantityFields.Contains(field), IsRule || Rules.Contains(field));
    }
}
