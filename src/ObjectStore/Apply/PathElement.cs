using System.Text;

namespace Slotwise.ObjectStore.Apply;

/// <summary>One step into an object, in the text form of <c>fieldsV1</c>: <c>f:name</c>, <c>k:{"name":"a"}</c> or <c>v:"a"</c>.</summary>
public readonly record struct PathElement(string Text) : IComparable<PathElement>
{
    public static PathElement Field(string name) => new($"f:{name}");

    public static PathElement Value(JsonNode? value) => new($"v:{FieldError.Show(value)}");

    /// <summary>The key of an item of a map list, absent keys taken from their defaults; null when the item has none.</summary>
    public static PathElement? KeyOf(Schema list, JsonObject item)
    {
        ArgumentNullException.ThrowIfNull(list);
        var key = new StringBuilder();
        foreach (var name in list.ListMapKeys.Order(StringComparer.Ordinal))
        {
            if ((item[name] ?? list.Items?.Member(name)?.Default) is { } value)
            {
                key.Append(key.Length == 0 ? "k:{" : ",").Append('"').Append(name).Append("\":").Append(value.ToJsonString());
            }
        }

        return key.Length == 0 ? null : new PathElement(key.Append('}').ToString());
    }

    public static bool operator <(PathElement left, PathElement right) => left.CompareTo(right) < 0;

    public static bool operator <=(PathElement left, PathElement right) => left.CompareTo(right) <= 0;

    public static bool operator >(PathElement left, PathElement right) => left.CompareTo(right) > 0;

    public static bool operator >=(PathElement left, PathElement right) => left.CompareTo(right) >= 0;

    public int CompareTo(PathElement other) => string.CompareOrdinal(Text, other.Text);

    /// <summary>As conflicts name it: <c>.spec</c>, <c>[name="a"]</c>, <c>["a"]</c>.</summary>
    public override string ToString()
    {
        if (Text.StartsWith("f:", StringComparison.Ordinal))
        {
            return "." + Text[2..];
        }

        if (Text.StartsWith("k:", StringComparison.Ordinal) && JsonNode.Parse(Text[2..]) is JsonObject key)
        {
            return $"[{string.Join(",", key.Select(pair => $"{pair.Key}={FieldError.Show(pair.Value)}"))}]";
        }

        return $"[={Text[2..]}]";
    }
}
