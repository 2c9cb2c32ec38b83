namespace Slotwise.ObjectStore.Apply;

/// <summary>
/// Field management, after structured-merge-diff's <c>merge.Updater</c>: an apply may not change what others own unless it is
/// forced, an update takes over what it changes, and what an applier no longer applies is removed unless somebody else owns it.
/// </summary>
static class TrackFields
{
    /// <summary>Records what an update changed. Works on <paramref name="after"/> in place.</summary>
    public static void Update(ResourceKind kind, JsonObject? before, JsonObject after, ManagedFields.Owner owner, string time)
    {
        // A client may send the list itself, as kubectl does when it moves from client-side to server-side apply.
        var kept = before.Object("metadata")?["managedFields"];
        var given = after.Object("metadata")?["managedFields"];
        if (given is null && after.Object("metadata")?.ContainsKey("managedFields") != true)
        {
            Meta.Of(after)["managedFields"] = given = kept?.DeepClone();
        }

        var managed = ManagedFields.Take(after, isOurs: JsonNode.DeepEquals(kept, given));
        before ??= kind.IsCustom ? [] : EmptyObject.Of(kind.Schema);

        var comparison = (owner.Subresource, kind.HasStatus) switch
        {
            ("status", _) => Comparison.OfStatus(kind.Schema, before, after),
            (_, true) => Comparison.WithoutStatus(kind.Schema, before, after),
            _ => Comparison.OfAll(kind.Schema, before, after),
        };
        managed.Set(owner, managed.FieldsOf(owner).Union(comparison.Changed).Except(comparison.Removed), comparison.IsEmpty ? managed.TimeOf(owner) : time);
        managed.TakeFromOthers(owner, comparison.Changed.Union(comparison.Removed));
        managed.WriteTo(after);
    }

    /// <summary>The object that an apply makes of the live one.</summary>
    /// <exception cref="KubernetesApiException">409: it would change fields that others own.</exception>
    public static JsonObject Apply(ResourceKind kind, JsonObject live, JsonObject configuration, ManagedFields.Owner owner, bool force, string time)
    {
        var owned = OwnedFields.Of(configuration);
        var given = FieldsOf.Configuration(kind.Schema, owned);
        var merged = MergeConfiguration.Into(kind.Schema, live, owned);
        var managed = ManagedFields.Take(merged, isOurs: true);
        var abandoned = managed.FieldsOf(owner).Except(given);
        RemoveFields.From(kind.Schema, merged, abandoned, given.Union(managed.FieldsOfOthers(owner)));

        var comparison = Comparison.OfAll(kind.Schema, live, merged);
        var conflicts = managed.Entries
            .Where(entry => entry.Owner != owner && !IsSameApplier(entry.Owner, owner))
            .Select(entry => (entry.Owner, Fields: entry.Fields.Intersect(comparison.Changed)))
            .Where(conflict => !conflict.Fields.IsEmpty)
            .OrderBy(conflict => conflict.Owner.Manager, StringComparer.Ordinal)
            .ToList();
        if (conflicts.Count > 0 && !force)
        {
            throw ApiError.ApplyConflict([.. conflicts.SelectMany(conflict => Causes(conflict.Owner, conflict.Fields))]);
        }

        // Who only joins in, or steps back, and changes nothing has not written at this time.
        managed.Set(owner, given, comparison.IsEmpty ? managed.TimeOf(owner) : time);
        managed.TakeFromOthers(owner, comparison.Changed.Union(comparison.Removed));
        managed.WriteTo(merged);
        return merged;
    }

    static bool IsSameApplier(ManagedFields.Owner one, ManagedFields.Owner other) =>
        one.Operation == other.Operation && one.Manager == other.Manager && one.Subresource == other.Subresource;

    static IEnumerable<V1StatusCause> Causes(ManagedFields.Owner owner, FieldSet fields)
    {
        // An applier is always of the version that it applies in.
        var version = owner.Operation == "Update" ? $" using {owner.ApiVersion}" : "";
        var subresource = owner.Subresource.Length > 0 ? $" with subresource \"{owner.Subresource}\"" : "";
        return fields.Paths().Select(path => new V1StatusCause
        {
            Reason = "FieldManagerConflict",
            Message = $"conflict with \"{owner.Manager}\"{subresource}{version}",
            Field = path,
        });
    }
}
