
namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>A map, or an object with fields.</summary>
abstract class CelMap
{
    public abstract int Count { get; }

    public abstract IEnumerable<object> Keys { get; }

    public abstract object? Find(object key);

    public static CelMap Of(IEnumerable<KeyValuePair<object, object>> entries)
    {
        var map = new Dictionary<object, object>(KeyEquality.Instance);
        foreach (var (key, value) in entries)
        {
            map[key] = value;
        }

        return new Plain(map);
    }

    sealed class Plain(Dictionary<object, object> entries) : CelMap
    {
        public override int Count => entries.Count;

        public override IEnumerable<object> Keys => entries.Keys;

        public override object? Find(object key) => entries.GetValueOrDefault(key);
    }

    sealed class KeyEquality : IEqualityComparer<object>
    {
        public static readonly KeyEquality Instance = new();

        public new bool Equals(object? x, object? y) => x is not null && y is not null && Equality.AreEqual(x, y) is true;

        // 1, 1u and 1.0 are one key.
        public int GetHashCode(object key) => key switch
        {
            long number => ((double)number).GetHashCode(),
            ulong number => ((double)number).GetHashCode(),
            _ => key.GetHashCode(),
        };
    }
}

/// <summary>An object or a map as the schema describes it; members are converted when they are asked for.</summary>
sealed class JsonMap(Schema schema, JsonObject json) : CelMap
{
    bool HasFields => schema.AdditionalProperties is null;

    public override int Count => Keys.Count();

    public override IEnumerable<object> Keys => HasFields
        ? json.Where(member => schema.Properties.ContainsKey(member.Key)).Select(member => FieldName.Escape(member.Key)).OfType<object>()
        : json.Select(member => (object)member.Key);

    public override object? Find(object key)
    {
        if (key is not string text)
        {
            return null;
        }

        var name = HasFields ? FieldName.Unescape(text) : text;
        return json.TryGetPropertyValue(name, out var value) && schema.Member(name) is { } member ? JsonValues.Of(value, member) : null;
    }
}
