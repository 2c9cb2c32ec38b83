using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>Values that may not be there (in Kubernetes since 1.29), as <c>oldSelf</c> is with <c>optionalOldSelf</c>.</summary>
static class OptionalFunctions
{
    public static IEnumerable<Overload> All =>
    [
        Overload.Of("optional.of", Overload.OptionalOfA, [Overload.A], arguments => new CelOptional(arguments[0])),
        Overload.Of("optional.none", Overload.OptionalOfA, [], _ => CelOptional.None),
        Overload.Of("optional.ofNonZeroValue", Overload.OptionalOfA, [Overload.A], arguments => IsZero(arguments[0]) ? CelOptional.None : new CelOptional(arguments[0])),
        Overload.Member("hasValue", CelType.Bool, [Overload.OptionalOfA], arguments => ((CelOptional)arguments[0]).Value is not null),
        Overload.Member("value", Overload.A, [Overload.OptionalOfA], arguments => ((CelOptional)arguments[0]).Value ?? new CelError("optional.none() dereference")),
        Overload.Member("or", Overload.OptionalOfA, [Overload.OptionalOfA, Overload.OptionalOfA], arguments => ((CelOptional)arguments[0]).Value is null ? arguments[1] : arguments[0]),
        Overload.Member("orValue", Overload.A, [Overload.OptionalOfA, Overload.A], arguments => ((CelOptional)arguments[0]).Value ?? arguments[1]),
        Overload.Of("_[?_]", Overload.OptionalOfA, [Overload.ListOfA, CelType.Int], arguments => new CelOptional(Operators.At((CelList)arguments[0], arguments[1]) is var item and not CelError ? item : null)),
        Overload.Of("_[?_]", CelType.OptionalOf(Overload.B), [Overload.MapOfAB, Overload.A], arguments => new CelOptional(((CelMap)arguments[0]).Find(arguments[1]))),
        Overload.Of("_[?_]", CelType.OptionalOf(Overload.A), [CelType.OptionalOf(Overload.ListOfA), CelType.Int], arguments => Into(arguments)),
        Overload.Of("_[?_]", CelType.OptionalOf(Overload.B), [CelType.OptionalOf(Overload.MapOfAB), Overload.A], arguments => Into(arguments)),
        Overload.Of("_[_]", CelType.OptionalOf(Overload.A), [CelType.OptionalOf(Overload.ListOfA), CelType.Int], arguments => Into(arguments)),
        Overload.Of("_[_]", CelType.OptionalOf(Overload.B), [CelType.OptionalOf(Overload.MapOfAB), Overload.A], arguments => Into(arguments)),
    ];

    static CelOptional Into(object[] arguments) => ((CelOptional)arguments[0]).Value switch
    {
        CelList list => new CelOptional(Operators.At(list, arguments[1]) is var item and not CelError ? item : null),
        CelMap map => new CelOptional(map.Find(arguments[1])),
        _ => CelOptional.None,
    };

    static bool IsZero(object value) => value switch
    {
        CelNull or false or 0L or 0UL or 0.0 or "" => true,
        CelBytes bytes => bytes.Content.Length == 0,
        CelList list => list.Count == 0,
        CelMap map => map.Count == 0,
        TimeSpan span => span == TimeSpan.Zero,
        CelOptional optional => optional.Value is null,
        _ => false,
    };
}
