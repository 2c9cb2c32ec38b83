using Slotwise.ObjectStore.Cel.Rules;

namespace Slotwise.ObjectStore.Kinds;

/// <summary>A kind in one version, as the API serves it.</summary>
public sealed record ResourceKind
{
    public required KubernetesKind Kind { get; init; }

    public required Schema Schema { get; init; }

    public required string Singular { get; init; }

    public string ListKind => _listKind ?? $"{Kind.Kind}List";

    readonly string? _listKind;

    public string? CustomListKind { init => _listKind = value; }

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>What can be done with its objects. A kind that can only be created is a question: it is answered and not stored.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    /// <summary>Whether a deletion is answered with the object that is gone, and not with a Status.</summary>
    public bool AnswersWithDeleted { get; init; }

    static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>Such as <c>all</c>: <c>kubectl get all</c> shows the kinds that say so.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether status is written apart from the rest.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Null when the kind cannot be scaled.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Whether <c>metadata.generation</c> is counted.</summary>
    public bool HasGeneration { get; init; }

    public IReadOnlyList<PrinterColumn> Columns { get; init; } = [];

    /// <summary>Fields beside name and namespace that a field selector may name.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Custom kinds answer strategic merge patches with 415 and wrong types with 422; built-in ones merge, and answer 400.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Fields whose name differs from how the object is stored: <c>events.k8s.io/v1</c> is another view of core events.</summary>
    public IReadOnlyDictionary<string, string> FieldNames { get; init; } = NoFieldNames;

    /// <summary>Fields that are null when they are not set, where others are left out: <c>kubectl --sort-by</c> finds nothing without the field.</summary>
    public IReadOnlyList<string> ShownWhenNull { get; init; } = [];

    /// <summary>The kind in which the objects are stored; null when it is this one.</summary>
    public ResourceKind? StoredAs { get; init; }

    internal IKindRules Rules { get; init; } = NoRules.Instance;

    /// <summary>What a custom kind's schema says in CEL; null when it says nothing.</summary>
    internal RuleTree? ValidationRules { get; init; }

    static readonly Dictionary<string, string> NoFieldNames = [];

    /// <summary>As messages name it: <c>pods</c>, <c>statefulsets.apps</c>.</summary>
    public string GroupResource => Kind.Group.Length == 0 ? Kind.Plural : $"{Kind.Plural}.{Kind.Group}";

    internal string StorageName => (StoredAs ?? this).GroupResource;

    /// <summary>The stored object as this version shows it.</summary>
    public StoredObject View(StoredObject stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (IsCustom)
        {
            return ViewCustom(stored);
        }

        if (stored.Json.Text("apiVersion") == Kind.ApiVersion && ShownWhenNull.All(stored.Json.ContainsKey))
        {
            return stored;
        }

        var shown = Renamed(stored.Json, FieldNames, Kind.ApiVersion);
        foreach (var name in ShownWhenNull)
        {
            shown.TryAdd(name, null);
        }

        return new StoredObject(shown, stored.ResourceVersion);
    }

    /// <summary>What was stored is read by the schema of today: fields that it does not know are gone, and its defaults filled in.</summary>
    StoredObject ViewCustom(StoredObject stored)
    {
        if (stored.Shown is { } last && ReferenceEquals(last.Kind, this))
        {
            return last.View;
        }

        var schema = (StoredAs ?? this).Schema;
        var shown = stored.Json.Clone();
        shown["apiVersion"] = Kind.ApiVersion;
        PruneSchema.Apply(schema, shown);
        DropNulls.Apply(schema, shown);
        DefaultSchema.Apply(schema, shown);
        var view = JsonNode.DeepEquals(shown, stored.Json) ? stored : new StoredObject(shown, stored.ResourceVersion);
        stored.Shown = new ShownObject(this, view);
        return view;
    }

    /// <summary>An object of this version as it is stored.</summary>
    internal JsonObject ToStored(JsonObject obj) => StoredAs is null
        ? obj
        : Renamed(obj, FieldNames.ToDictionary(pair => pair.Value, pair => pair.Key), StoredAs.Kind.ApiVersion);

    static JsonObject Renamed(JsonObject obj, IReadOnlyDictionary<string, string> names, string apiVersion)
    {
        var renamed = new JsonObject();
        foreach (var (name, value) in obj)
        {
            renamed[names.GetValueOrDefault(name, name)] = name == "apiVersion" ? apiVersion : value?.DeepClone();
        }

        return renamed;
    }
}

/// <summary>Where a kind keeps what <c>/scale</c> shows; paths such as <c>.spec.replicas</c>.</summary>
public sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string? LabelSelector);

/// <summary>One column of <c>kubectl get</c>.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">integer, number, string, boolean or date.</param>
/// <param name="Path">A JSONPath such as <c>.status.phase</c>.</param>
/// <param name="Priority">Above 0: only with <c>-o wide</c>.</param>
public sealed record PrinterColumn(string Name, string Type, string Path, int Priority = 0, string Format = "", string Description = "");
