namespace Slotwise.ObjectStore.Apply;

/// <summary>Who set which fields of one object: <c>metadata.managedFields</c>.</summary>
sealed class ManagedFields
{
    readonly List<Entry> _entries;

    ManagedFields(List<Entry> entries) => _entries = entries;

    public IReadOnlyList<Entry> Entries => _entries;

    public static ManagedFields Of(JsonObject? obj)
    {
        var entries = new List<Entry>();
        foreach (var entry in (obj.Object("metadata").Array("managedFields") ?? []).OfType<JsonObject>())
        {
            entries.Add(new Entry(
                new Owner(entry.Text("manager") ?? "", entry.Text("operation") ?? "Update", entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? ""),
                entry.Text("time"),
                FieldSet.From(entry.Object("fieldsV1"))));
        }

        return new ManagedFields(entries);
    }

    public FieldSet FieldsOf(Owner owner) => _entries.Find(entry => entry.Owner == owner)?.Fields ?? new FieldSet();

    /// <summary>Everything owned by anybody else.</summary>
    public FieldSet FieldsOfOthers(Owner owner) =>
        _entries.Where(entry => entry.Owner != owner).Aggregate(new FieldSet(), (all, entry) => all.Union(entry.Fields));

    /// <summary>When an owner last wrote; null when it never did.</summary>
    public string? TimeOf(Owner owner) => _entries.Find(entry => entry.Owner == owner)?.Time;

    public void Set(Owner owner, FieldSet fields, string? time)
    {
        var at = _entries.FindIndex(entry => entry.Owner == owner);
        if (fields.IsEmpty)
        {
            if (at >= 0)
            {
                _entries.RemoveAt(at);
            }
        }
        else if (at < 0)
        {
            _entries.Add(new Entry(owner, time, fields));
        }
        else
        {
            _entries[at] = new Entry(owner, time, fields);
        }
    }

    /// <summary>Takes fields away from everybody but one.</summary>
    public void TakeFromOthers(Owner owner, FieldSet fields)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Owner != owner)
            {
                Set(_entries[i].Owner, _entries[i].Fields.Except(fields), _entries[i].Time);
            }
        }
    }

    public void WriteTo(JsonObject obj)
    {
        var list = new JsonArray();
        // As the API server orders them: appliers first, then updaters, each by time.
        foreach (var entry in _entries
            .OrderBy(entry => entry.Owner.Operation, StringComparer.Ordinal)
            .ThenBy(entry => entry.Time, StringComparer.Ordinal)
            .ThenBy(entry => entry.Owner.Manager, StringComparer.Ordinal)
            .ThenBy(entry => entry.Owner.Subresource, StringComparer.Ordinal))
        {
            var json = new JsonObject
            {
                ["manager"] = entry.Owner.Manager,
                ["operation"] = entry.Owner.Operation,
                ["apiVersion"] = entry.Owner.ApiVersion,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = entry.Fields.ToFieldsV1(),
            };
            if (entry.Time is { } time)
            {
                json["time"] = time;
            }

            if (entry.Owner.Subresource.Length > 0)
            {
                json["subresource"] = entry.Owner.Subresource;
            }

            list.Add((JsonNode)json);
        }

        var metadata = Meta.Of(obj);
        metadata.Remove("managedFields");
        if (list.Count > 0)
        {
            metadata["managedFields"] = list;
        }
    }

    internal sealed record Owner(string Manager, string Operation, string ApiVersion, string Subresource);

    internal sealed record Entry(Owner Owner, string? Time, FieldSet Fields);
}
