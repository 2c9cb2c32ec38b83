using System.Collections;

namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>A list.</summary>
abstract class CelList : IReadOnlyList<object>
{
    public abstract int Count { get; }

    public abstract object this[int index] { get; }

    public IEnumerator<object> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public static CelList Of(IReadOnlyList<object> values) => new Plain(values);

    sealed class Plain(IReadOnlyList<object> values) : CelList
    {
        public override int Count => values.Count;

        public override object this[int index] => values[index];
    }
}

/// <summary>A list of an object. As a set or a map in the schema's sense it equals another whatever the order, and a sum merges.</summary>
sealed class JsonList(Schema schema, IReadOnlyList<object> values) : CelList
{
    public Schema Schema { get; } = schema;

    public override int Count => values.Count;

    public override object this[int index] => values[index];
}
