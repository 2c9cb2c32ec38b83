using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>Equality, order, membership, indexing and the choice between two. <c>&amp;&amp;</c> and <c>||</c> are not here, as they can do without an operand.</summary>
static class Operators
{
    static readonly CelType[] Numbers = [CelType.Int, CelType.Uint, CelType.Double];

    static readonly CelType[] Ordered = [CelType.Bool, CelType.Text, CelType.Bytes, CelType.Timestamp, CelType.Duration];

    public static IEnumerable<Overload> All =>
    [
        Overload.Of("_==_", CelType.Bool, [Overload.A, Overload.A], arguments => Equality.AreEqual(arguments[0], arguments[1]), Work.Reads),
        Overload.Of("_!=_", CelType.Bool, [Overload.A, Overload.A], arguments => !Equality.AreEqual(arguments[0], arguments[1]), Work.Reads),
        .. Order("_<_", order => order < 0),
        .. Order("_<=_", order => order <= 0),
        .. Order("_>_", order => order > 0),
        .. Order("_>=_", order => order >= 0),
        Overload.Of<bool>("!_", CelType.Bool, value => !value),
        // Evaluated by itself, as one branch is not looked at; here for its types.
        Overload.Of("_?_:_", Overload.A, [CelType.Bool, Overload.A, Overload.A], _ => CelError.NoOverload),
        Overload.Of("@in", CelType.Bool, [Overload.A, Overload.ListOfA], arguments => ((CelList)arguments[1]).Any(item => Equality.AreEqual(item, arguments[0])), Work.Visits),
        Overload.Of("@in", CelType.Bool, [Overload.A, Overload.MapOfAB], arguments => ((CelMap)arguments[1]).Find(arguments[0]) is not null),
        Overload.Of("_[_]", Overload.A, [Overload.ListOfA, CelType.Int], arguments => At((CelList)arguments[0], arguments[1])),
        Overload.Of("_[_]", Overload.B, [Overload.MapOfAB, Overload.A], arguments => ((CelMap)arguments[0]).Find(arguments[1]) ?? CelError.NoSuchKey(arguments[1])),
    ];

    public static object At(CelList list, object index) => index switch
    {
        long at => at >= 0 && at < list.Count ? list[(int)at] : CelError.OutOfBounds(at),
        _ => CelError.NoOverload,
    };

    /// <summary>A sum of lists. Lists that the schema calls sets or maps are merged.</summary>
    public static CelList Concatenate(CelList left, CelList right)
    {
        if (left is not JsonList { Schema: { ListType: not ListType.Atomic } schema })
        {
            return CelList.Of([.. left, .. right]);
        }

        var merged = new List<object>(left);
        foreach (var item in right)
        {
            var same = merged.FindIndex(one => schema.ListType is ListType.Set ? Equality.AreEqual(one, item) : HaveSameKey(schema, one, item));
            if (same < 0)
            {
                merged.Add(item);
            }
            else
            {
                merged[same] = item;
            }
        }

        return new JsonList(schema, merged);
    }

    static bool HaveSameKey(Schema schema, object one, object other) =>
        one is CelMap a && other is CelMap b && schema.ListMapKeys.All(key => (a.Find(key), b.Find(key)) switch
        {
            (null, null) => true,
            ({ } x, { } y) => Equality.AreEqual(x, y),
            _ => false,
        });

    static IEnumerable<Overload> Order(string name, Func<int, bool> holds)
    {
        foreach (var type in Ordered)
        {
            yield return Overload.Of(name, CelType.Bool, [type, type], Compare, Work.Reads);
        }

        foreach (var left in Numbers)
        {
            foreach (var right in Numbers)
            {
                yield return Overload.Of(name, CelType.Bool, [left, right], Compare);
            }
        }

        object Compare(object[] arguments) => Equality.Compare(arguments[0], arguments[1]) is { } order && holds(order);
    }
}
