using System.Text.RegularExpressions;

namespace Slotwise.ObjectStore.Schemas;

public enum SchemaType
{
    /// <summary>No type given: anything goes.</summary>
    Any,
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
}

/// <summary>How a list is merged, see "Merge strategy" in the Kubernetes server-side apply page.</summary>
public enum ListType
{
    /// <summary>As one value: whoever applies it owns the whole list.</summary>
    Atomic,

    /// <summary>Scalars, each owned by itself.</summary>
    Set,

    /// <summary>Objects told apart by <see cref="Schema.ListMapKeys"/>.</summary>
    Map,
}

/// <summary>A structural schema: of a custom resource as its CRD gives it, or of a built-in kind as <c>BuiltIn/Types</c> describes it.</summary>
public sealed class Schema
{
    /// <summary>Accepts and keeps everything.</summary>
    public static readonly Schema Anything = new() { PreserveUnknownFields = true };

    public SchemaType Type { get; init; }

    public string? Description { get; init; }

    /// <summary>The name that a built-in type has in OpenAPI, such as <c>io.k8s.api.core.v1.Pod</c>.</summary>
    public string? TypeName { get; init; }

    public IReadOnlyDictionary<string, Schema> Properties { get; init; } = NoProperties;

    public Schema? Items { get; init; }

    /// <summary>Of the values of a map, whose keys are free.</summary>
    public Schema? AdditionalProperties { get; init; }

    public IReadOnlyList<string> Required { get; init; } = [];

    public JsonNode? Default { get; init; }

    public IReadOnlyList<JsonNode?>? Enum { get; init; }

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public decimal? MultipleOf { get; init; }

    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }

    public int? MinProperties { get; init; }

    public int? MaxProperties { get; init; }

    public string? Pattern { get; init; }

    public string? Format { get; init; }

    public bool UniqueItems { get; init; }

    public bool Nullable { get; init; }

    public bool PreserveUnknownFields { get; init; }

    public bool IntOrString { get; init; }

    public bool EmbeddedResource { get; init; }

    public ListType ListType { get; init; }

    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>Whether an object or map is owned as one value.</summary>
    public bool AtomicMap { get; init; }

    public IReadOnlyList<Schema> AllOf { get; init; } = [];

    public IReadOnlyList<Schema> AnyOf { get; init; } = [];

    public IReadOnlyList<Schema> OneOf { get; init; } = [];

    public Schema? Not { get; init; }

    /// <summary>The number of this field in protobuf; 0 when it is not known.</summary>
    public int WireNumber { get; init; }

    /// <summary>Of built-in kinds: whether a zero is written.</summary>
    public ZeroValue Zero { get; init; }

    /// <summary>Rules in CEL (<c>x-kubernetes-validations</c>).</summary>
    public JsonArray? ValidationRules { get; init; }

    internal Regex? PatternExpression => _pattern ??= Pattern is null || !GoPattern.TryRead(Pattern, out var read, out _) ? null : read;

    Regex? _pattern;

    static readonly Dictionary<string, Schema> NoProperties = [];

    /// <summary>The schema of a member: its property, else that of all values of the map, else null.</summary>
    public Schema? Member(string name) => Properties.TryGetValue(name, out var property) ? property : AdditionalProperties;

    /// <summary>The item of an older list that is the same one, which only lists with keys can tell.</summary>
    internal JsonNode? Correlated(JsonNode? item, JsonArray? before) =>
        ListType is ListType.Map && item is JsonObject obj && before is not null && PathElement.KeyOf(this, obj) is { } key
            ? before.FirstOrDefault(old => old is JsonObject other && PathElement.KeyOf(this, other) is { } its && its.Text == key.Text)
            : null;

    /// <summary>Whether members that the schema does not know are dropped.</summary>
    internal bool Prunes => !PreserveUnknownFields && AdditionalProperties is null && Type is SchemaType.Object;
}
