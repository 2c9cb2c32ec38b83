namespace Slotwise.ObjectStore.Apply;

/// <summary>Who set which fields of one object: <c>metadata.managedFields</c>.</summary>
sealed class ManagedFields
{
    readonly List<Entry> _entries;

    ManagedFields(List<Entry> entries) => _entries = entries;

    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Takes the list out of an object; <see cref="WriteTo"/> puts it back.</summary>
    /// <param name="obj">Changed in place.</param>
    /// <param name="isOurs">Whether it is as this class wrote it. What a client wrote is written anew.</param>
    public static ManagedFields Take(JsonObject obj, bool isOurs)
    {
        var entries = new List<Entry>();
        var metadata = obj.Object("metadata");
        foreach (var entry in (metadata.Array("managedFields") ?? []).OfType<JsonObject>())
        {
            var owner = new Owner(entry.Text("manager") ?? "", entry.Text("operation") ?? "Update", entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? "");
            var fields = entry.Object("fieldsV1") ?? [];
            entry.Remove("fieldsV1");
            entries.Add(isOurs ? new Entry(owner, entry.Text("time"), fields) : new Entry(owner, entry.Text("time"), FieldSet.From(fields)));
        }

        metadata?.Remove("managedFields");
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
            _entries[at] = ReferenceEquals(_entries[at].Fields, fields) ? _entries[at].At(time) : new Entry(owner, time, fields);
        }
    }

    /// <summary>Takes fields away from everybody but one.</summary>
    public void TakeFromOthers(Owner owner, FieldSet fields)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Owner != owner && _entries[i].HasAnyOf(fields))
            {
                Set(_entries[i].Owner, _entries[i].Fields.Except(fields), _entries[i].Time);
            }
        }
    }

    public void WriteTo(JsonObject obj)
    {
        if (_entries.Count == 0)
        {
            return;
        }

        // As the API server orders them: appliers first, then updaters, each by time.
        var list = new JsonArray();
        foreach (var entry in _entries
            .OrderBy(entry => entry.Owner.Operation, StringComparer.Ordinal)
            .ThenBy(entry => entry.Time, StringComparer.Ordinal)
            .ThenBy(entry => entry.Owner.Manager, StringComparer.Ordinal)
            .ThenBy(entry => entry.Owner.Subresource, StringComparer.Ordinal))
        {
            list.Add((JsonNode)entry.Write());
        }

        Meta.Of(obj)["managedFields"] = list;
    }

    internal sealed record Owner(string Manager, string Operation, string ApiVersion, string Subresource);

    /// <summary>What one of them owns. Most entries are written as they were read, so that their fields are taken apart only where somebody asks for them.</summary>
    internal sealed class Entry
    {
        readonly JsonObject? _written;
        FieldSet? _fields;

        public Entry(Owner owner, string? time, FieldSet fields)
        {
            (Owner, Time, _fields) = (owner, time, fields);
        }

        public Entry(Owner owner, string? time, JsonObject written)
        {
            (Owner, Time, _written) = (owner, time, written);
        }

        Entry(Entry other, string? time)
        {
            (Owner, Time, _written, _fields) = (other.Owner, time, other._written, other._fields);
        }

        public Owner Owner { get; }

        public string? Time { get; }

        public FieldSet Fields => _fields ??= FieldSet.From(_written);

        public Entry At(string? time) => new(this, time);

        public bool HasAnyOf(FieldSet fields) => _written is null || fields.Touches(_written);

        public JsonObject Write()
        {
            var json = new JsonObject
            {
                ["manager"] = Owner.Manager,
                ["operation"] = Owner.Operation,
                ["apiVersion"] = Owner.ApiVersion,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = _written ?? Fields.ToFieldsV1(),
            };
            if (Time is { } time)
            {
                json["time"] = time;
            }

            if (Owner.Subresource.Length > 0)
            {
                json["subresource"] = Owner.Subresource;
            }

            return json;
        }
    }
}
