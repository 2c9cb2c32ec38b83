using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>The <c>lists</c> library of Kubernetes.</summary>
static class ListFunctions
{
    static readonly CelType[] Ordered = [CelType.Int, CelType.Uint, CelType.Double, CelType.Bool, CelType.Duration, CelType.Timestamp, CelType.Text, CelType.Bytes];

    public static IEnumerable<Overload> All =>
    [
        .. Ordered.Select(type => Overload.Member("isSorted", CelType.Bool, [CelType.ListOf(type)], arguments => IsSorted((CelList)arguments[0]), Work.Visits)),
        .. Ordered.Select(type => Overload.Member("min", type, [CelType.ListOf(type)], arguments => Extreme((CelList)arguments[0], "min", order => order < 0), Work.Visits)),
        .. Ordered.Select(type => Overload.Member("max", type, [CelType.ListOf(type)], arguments => Extreme((CelList)arguments[0], "max", order => order > 0), Work.Visits)),
        Sum(CelType.Int, 0L),
        Sum(CelType.Uint, 0UL),
        Sum(CelType.Double, 0.0),
        Sum(CelType.Duration, TimeSpan.Zero),
        Overload.Member("indexOf", CelType.Int, [Overload.ListOfA, Overload.A], arguments => IndexOf((CelList)arguments[0], arguments[1], fromEnd: false), Work.Visits),
        Overload.Member("lastIndexOf", CelType.Int, [Overload.ListOfA, Overload.A], arguments => IndexOf((CelList)arguments[0], arguments[1], fromEnd: true), Work.Visits),
    ];

    static Overload Sum(CelType type, object zero) => Overload.Member("sum", type, [CelType.ListOf(type)], arguments => Add((CelList)arguments[0], zero), Work.Visits);

    static object Add(CelList list, object zero)
    {
        var sum = zero;
        foreach (var item in list)
        {
            sum = (sum, item) switch
            {
                (long a, long b) => Arithmetic.Whole(() => checked(a + b)),
                (ulong a, ulong b) => Arithmetic.Unsigned(() => checked(a + b)),
                (double a, double b) => a + b,
                (TimeSpan a, TimeSpan b) => Arithmetic.Span(() => a + b),
                _ => CelError.NoOverload,
            };
            if (sum is CelError)
            {
                break;
            }
        }

        return sum;
    }

    static object IsSorted(CelList list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (Equality.Compare(list[i - 1], list[i]) is not { } order)
            {
                return CelError.NoOverload;
            }

            if (order > 0)
            {
                return false;
            }
        }

        return true;
    }

    static object Extreme(CelList list, string function, Func<int, bool> isBetter)
    {
        if (list.Count == 0)
        {
            return new CelError($"{function} called on empty list");
        }

        var best = list[0];
        foreach (var item in list)
        {
            if (Equality.Compare(item, best) is not { } order)
            {
                return CelError.NoOverload;
            }

            best = isBetter(order) ? item : best;
        }

        return best;
    }

    static long IndexOf(CelList list, object sought, bool fromEnd)
    {
        var found = -1L;
        for (var i = 0; i < list.Count; i++)
        {
            if (Equality.AreEqual(list[i], sought))
            {
                found = i;
                if (!fromEnd)
                {
                    break;
                }
            }
        }

        return found;
    }
}
