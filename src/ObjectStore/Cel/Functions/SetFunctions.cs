using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>The <c>sets</c> extension: lists taken as sets.</summary>
static class SetFunctions
{
    public static IEnumerable<Overload> All =>
    [
        Of("sets.contains", (list, part) => Holds(list, part)),
        Of("sets.equivalent", (left, right) => Holds(left, right) && Holds(right, left)),
        Of("sets.intersects", (left, right) => left.Any(item => Holds(right, [item]))),
    ];

    static Overload Of(string name, Func<CelList, CelList, bool> body) =>
        Overload.Of(name, CelType.Bool, [Overload.ListOfA, Overload.ListOfA], arguments => body((CelList)arguments[0], (CelList)arguments[1]), Work.Multiplies);

    static bool Holds(CelList list, IEnumerable<object> items) => items.All(item => list.Any(one => Equality.AreEqual(one, item)));
}
