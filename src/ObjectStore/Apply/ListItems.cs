namespace Slotwise.ObjectStore.Apply;

/// <summary>How the items of a list that is not atomic are told apart.</summary>
static class ListItems
{
    /// <summary>Whether the items are owned one by one.</summary>
    public static bool AreSeparate(Schema? list) => list is { Type: SchemaType.Array, ListType: ListType.Map or ListType.Set };

    public static PathElement? ElementOf(Schema list, JsonNode? item) =>
        list.ListType is ListType.Set ? PathElement.Value(item) : item is JsonObject obj ? PathElement.KeyOf(list, obj) : null;

    /// <summary>The items by what tells them apart, in their order; items without a key are left out.</summary>
    public static List<(PathElement Element, JsonNode? Item)> Of(Schema list, JsonArray array)
    {
        var items = new List<(PathElement, JsonNode?)>(array.Count);
        foreach (var item in array)
        {
            if (ElementOf(list, item) is { } element)
            {
                items.Add((element, item));
            }
        }

        return items;
    }
}
