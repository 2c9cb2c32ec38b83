namespace Slotwise.ObjectStore.Apply;

/// <summary>The fields that an applied configuration names: its leaves, and the items of its lists.</summary>
static class FieldsOf
{
    public static FieldSet Configuration(Schema schema, JsonObject configuration)
    {
        var set = new FieldSet();
        Collect(schema, configuration, set);
        set.Exclude();
        return set;
    }

    static void Collect(Schema? schema, JsonNode? value, FieldSet set)
    {
        switch (value)
        {
            case JsonObject obj when obj.Count > 0 && schema is not { AtomicMap: true }:
                foreach (var (name, member) in obj)
                {
                    Collect(schema?.Member(name), member, set.Descend(PathElement.Field(name)));
                }

                break;
            case JsonArray array when array.Count > 0 && ListItems.AreSeparate(schema):
                foreach (var (element, item) in ListItems.Of(schema!, array))
                {
                    var child = set.Descend(element);
                    child.Include();
                    if (item is JsonObject)
                    {
                        Collect(schema!.Items, item, child);
                    }
                }

                break;
            default:
                set.Include();
                break;
        }
    }
}
