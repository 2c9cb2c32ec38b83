namespace Slotwise.ObjectStore.Apply;

/// <summary>What differs between two versions of an object, field by field.</summary>
/// <param name="Changed">Fields added or given another value.</param>
/// <param name="Removed">Fields that are gone.</param>
sealed record Comparison(FieldSet Changed, FieldSet Removed)
{
    public static Comparison Of(Schema schema, JsonObject before, JsonObject after)
    {
        var comparison = new Comparison(new FieldSet(), new FieldSet());
        CompareObjects(schema, before, after, comparison.Changed, comparison.Removed);
        // Every object has metadata: nobody owns that it does.
        comparison.Changed.Descend(PathElement.Field("metadata")).Exclude();
        comparison.Removed.Descend(PathElement.Field("metadata")).Exclude();
        return new Comparison(Trim(comparison.Changed), Trim(comparison.Removed));
    }

    static void Compare(Schema? schema, JsonNode? before, JsonNode? after, FieldSet changed, FieldSet removed)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        if (before is JsonObject oldObject && after is JsonObject newObject && schema is not { AtomicMap: true })
        {
            CompareObjects(schema, oldObject, newObject, changed, removed);
        }
        else if (before is JsonArray oldList && after is JsonArray newList && ListItems.AreSeparate(schema))
        {
            CompareLists(schema!, oldList, newList, changed, removed);
        }
        else
        {
            changed.Include();
        }
    }

    static void CompareObjects(Schema? schema, JsonObject before, JsonObject after, FieldSet changed, FieldSet removed)
    {
        foreach (var (name, value) in before)
        {
            var element = PathElement.Field(name);
            if (after.TryGetPropertyValue(name, out var now))
            {
                Compare(schema?.Member(name), value, now, changed.Descend(element), removed.Descend(element));
            }
            else
            {
                All(schema?.Member(name), value, removed.Descend(element));
            }
        }

        foreach (var (name, value) in after)
        {
            if (!before.ContainsKey(name))
            {
                All(schema?.Member(name), value, changed.Descend(PathElement.Field(name)));
            }
        }
    }

    static void CompareLists(Schema list, JsonArray before, JsonArray after, FieldSet changed, FieldSet removed)
    {
        var old = ByElement(list, before);
        var now = ByElement(list, after);
        foreach (var (element, item) in old)
        {
            if (now.TryGetValue(element, out var same))
            {
                Compare(list.Items, item, same, changed.Descend(element), removed.Descend(element));
            }
            else
            {
                All(list.Items, item, removed.Descend(element));
            }
        }

        foreach (var (element, item) in now)
        {
            if (!old.ContainsKey(element))
            {
                All(list.Items, item, changed.Descend(element));
            }
        }
    }

    /// <summary>A whole value came or went: it, and everything below it.</summary>
    static void All(Schema? schema, JsonNode? value, FieldSet set)
    {
        set.Include();
        if (value is JsonObject obj && schema is not { AtomicMap: true })
        {
            foreach (var (name, member) in obj)
            {
                All(schema?.Member(name), member, set.Descend(PathElement.Field(name)));
            }
        }
        else if (value is JsonArray array && ListItems.AreSeparate(schema))
        {
            foreach (var (element, item) in ListItems.Of(schema!, array))
            {
                All(schema!.Items, item, set.Descend(element));
            }
        }
    }

    static SortedDictionary<PathElement, JsonNode?> ByElement(Schema list, JsonArray array)
    {
        var items = new SortedDictionary<PathElement, JsonNode?>();
        foreach (var (element, item) in ListItems.Of(list, array))
        {
            items.TryAdd(element, item);
        }

        return items;
    }

    // Descending made empty nodes on the way.
    static FieldSet Trim(FieldSet set) => set.Except(new FieldSet());
}
