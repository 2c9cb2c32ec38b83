namespace Slotwise.ObjectStore.Apply;

/// <summary>Lays an applied configuration over the live object: maps and keyed lists are merged, everything else is replaced.</summary>
static class MergeConfiguration
{
    public static JsonObject Into(Schema schema, JsonObject live, JsonObject configuration) => Merge(schema, live, configuration);

    static JsonObject Merge(Schema? schema, JsonObject live, JsonObject configuration)
    {
        var merged = live.Clone();
        foreach (var (name, value) in configuration)
        {
            merged[name] = Merge(schema?.Member(name), live[name], value);
        }

        return merged;
    }

    static JsonNode? Merge(Schema? schema, JsonNode? live, JsonNode? configuration) => (live, configuration) switch
    {
        (JsonObject old, JsonObject given) when schema is not { AtomicMap: true } => Merge(schema, old, given),
        (JsonArray old, JsonArray given) when ListItems.AreSeparate(schema) => Merge(schema!, old, given),
        _ => configuration?.DeepClone(),
    };

    /// <summary>The applied items keep the order they were given in; live ones that were not given stay before the one they stood before, and before new ones.</summary>
    static JsonArray Merge(Schema list, JsonArray live, JsonArray configuration)
    {
        var old = ListItems.Of(list, live);
        var given = ListItems.Of(list, configuration);
        var givenElements = given.Select(pair => pair.Element).ToHashSet();
        var merged = new JsonArray();
        var next = 0;
        foreach (var (element, item) in given)
        {
            var at = old.FindIndex(pair => pair.Element == element);
            for (; next < old.Count && (at < 0 ? !givenElements.Contains(old[next].Element) : next < at); next++)
            {
                AddUnlessGiven(old[next]);
            }

            merged.Add(at < 0 ? item?.DeepClone() : Merge(list.Items, old[at].Item, item));
            next = Math.Max(next, at + 1);
        }

        for (; next < old.Count; next++)
        {
            AddUnlessGiven(old[next]);
        }

        return merged;

        void AddUnlessGiven((PathElement Element, JsonNode? Item) pair)
        {
            if (!givenElements.Contains(pair.Element))
            {
                merged.Add(pair.Item?.DeepClone());
            }
        }
    }
}
