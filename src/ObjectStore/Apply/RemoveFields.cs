namespace Slotwise.ObjectStore.Apply;

/// <summary>Takes out of an object what its manager applied before and no longer applies, unless somebody else wants it too.</summary>
static class RemoveFields
{
    /// <param name="schema">Of the object.</param>
    /// <param name="obj">Changed in place.</param>
    /// <param name="abandoned">Applied before, not applied now.</param>
    /// <param name="wanted">What the configuration names now, and what other managers own.</param>
    public static void From(Schema schema, JsonObject obj, FieldSet abandoned, FieldSet wanted) => Visit(schema, obj, abandoned, wanted);

    static void Visit(Schema? schema, JsonNode? node, FieldSet abandoned, FieldSet? wanted)
    {
        foreach (var (element, below) in abandoned.Children)
        {
            var wantedBelow = wanted?.Child(element);
            if (node is JsonObject obj && element.Text.StartsWith("f:", StringComparison.Ordinal))
            {
                var name = element.Text[2..];
                if (!obj.TryGetPropertyValue(name, out var member))
                {
                    continue;
                }

                var memberSchema = schema?.Member(name);
                Visit(memberSchema, member, below, wantedBelow);
                if (IsUnwanted(member, below, wantedBelow))
                {
                    obj.Remove(name);
                }
            }
            else if (node is JsonArray array && ListItems.AreSeparate(schema))
            {
                var item = array.FirstOrDefault(one => ListItems.ElementOf(schema!, one) == element);
                Visit(schema!.Items, item, below, wantedBelow);
                if (item is not null && IsUnwanted(item, below, wantedBelow))
                {
                    array.Remove(item);
                }
            }
        }
    }

    // A container that only held abandoned fields goes with the last of them.
    static bool IsUnwanted(JsonNode? value, FieldSet abandoned, FieldSet? wanted) =>
        wanted is null && (abandoned.IsMember || value is JsonObject { Count: 0 } or JsonArray { Count: 0 });
}
