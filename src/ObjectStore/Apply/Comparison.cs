namespace Slotwise.ObjectStore.Apply;

/// <summary>What differs between two versions of an object, field by field.</summary>
/// <param name="Changed">Fields added or given another value.</param>
/// <param name="Removed">Fields that are gone.</param>
sealed record Comparison(FieldSet Changed, FieldSet Removed)
{
    static readonly Comparison OtherValue = new(FieldSet.Itself, FieldSet.Nothing);

    public bool IsEmpty => Changed.IsEmpty && Removed.IsEmpty;

    /// <summary>Of all but what nobody owns: identity and what the server writes.</summary>
    public static Comparison OfAll(Schema schema, JsonObject before, JsonObject after) => Of(schema, before, after, OwnedFields.IsOwned);

    /// <summary>The same, and status is another writer's.</summary>
    public static Comparison WithoutStatus(Schema schema, JsonObject before, JsonObject after) =>
        Of(schema, before, after, name => OwnedFields.IsOwned(name) && name != "status");

    public static Comparison OfStatus(Schema schema, JsonObject before, JsonObject after) =>
        CompareObjects(schema, before, after, name => name == "status") ?? Nothing();

    static Comparison Of(Schema schema, JsonObject before, JsonObject after, Func<string, bool> counts)
    {
        var all = CompareObjects(schema, before, after, counts) ?? Nothing();
        // Every object has metadata: nobody owns that it does.
        var metadata = CompareObjects(schema.Member("metadata"), before.Object("metadata") ?? [], after.Object("metadata") ?? [], OwnedFields.IsOwnedInMetadata);
        if (metadata is not null)
        {
            all.Add(PathElement.Field("metadata"), metadata);
        }

        return all;
    }

    static Comparison Nothing() => new(new FieldSet(), new FieldSet());

    /// <returns>Null when nothing differs, as of most fields.</returns>
    static Comparison? Compare(Schema? schema, JsonNode? before, JsonNode? after) => (before, after) switch
    {
        (JsonObject old, JsonObject now) when schema is not { AtomicMap: true } => CompareObjects(schema, old, now, _ => true),
        (JsonArray old, JsonArray now) when ListItems.AreSeparate(schema) => CompareLists(schema!, old, now),
        _ => JsonNode.DeepEquals(before, after) ? null : OtherValue,
    };

    static Comparison? CompareObjects(Schema? schema, JsonObject before, JsonObject after, Func<string, bool> counts)
    {
        Comparison? all = null;
        foreach (var (name, value) in before)
        {
            if (!counts(name))
            {
                continue;
            }

            var member = schema?.Member(name);
            if ((after.TryGetPropertyValue(name, out var now) ? Compare(member, value, now) : Gone(member, value)) is { } below)
            {
                (all ??= Nothing()).Add(PathElement.Field(name), below);
            }
        }

        foreach (var (name, value) in after)
        {
            if (counts(name) && !before.ContainsKey(name))
            {
                (all ??= Nothing()).Add(PathElement.Field(name), New(schema?.Member(name), value));
            }
        }

        return all;
    }

    static Comparison? CompareLists(Schema list, JsonArray before, JsonArray after)
    {
        Comparison? all = null;
        var old = ByElement(list, before);
        var now = ByElement(list, after);
        foreach (var (element, item) in old)
        {
            if ((now.TryGetValue(element, out var same) ? Compare(list.Items, item, same) : Gone(list.Items, item)) is { } below)
            {
                (all ??= Nothing()).Add(element, below);
            }
        }

        foreach (var (element, item) in now)
        {
            if (!old.ContainsKey(element))
            {
                (all ??= Nothing()).Add(element, New(list.Items, item));
            }
        }

        return all;
    }

    void Add(PathElement element, Comparison below)
    {
        Changed.Add(element, below.Changed);
        Removed.Add(element, below.Removed);
    }

    static Comparison New(Schema? schema, JsonNode? value) => new(All(schema, value), FieldSet.Nothing);

    static Comparison Gone(Schema? schema, JsonNode? value) => new(FieldSet.Nothing, All(schema, value));

    /// <summary>A whole value came or went: it, and everything below it.</summary>
    static FieldSet All(Schema? schema, JsonNode? value)
    {
        var set = new FieldSet();
        set.Include();
        if (value is JsonObject obj && schema is not { AtomicMap: true })
        {
            foreach (var (name, member) in obj)
            {
                set.Add(PathElement.Field(name), All(schema?.Member(name), member));
            }
        }
        else if (value is JsonArray array && ListItems.AreSeparate(schema))
        {
            foreach (var (element, item) in ListItems.Of(schema!, array))
            {
                set.Add(element, All(schema!.Items, item));
            }
        }

        return set;
    }

    static Dictionary<PathElement, JsonNode?> ByElement(Schema list, JsonArray array)
    {
        var items = new Dictionary<PathElement, JsonNode?>(array.Count);
        foreach (var (element, item) in ListItems.Of(list, array))
        {
            items.TryAdd(element, item);
        }

        return items;
    }
}
