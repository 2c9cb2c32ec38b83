using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>Sums, products and their likes. An overflow is an error, never a wrong number.</summary>
static class Arithmetic
{
    public static IEnumerable<Overload> All =>
    [
        Overload.Of<long, long>("_+_", CelType.Int, (a, b) => Whole(() => checked(a + b))),
        Overload.Of<ulong, ulong>("_+_", CelType.Uint, (a, b) => Unsigned(() => checked(a + b))),
        Overload.Of<double, double>("_+_", CelType.Double, (a, b) => a + b),
        Overload.Of<string, string>("_+_", CelType.Text, (a, b) => a + b, Work.Reads),
        Overload.Of<CelBytes, CelBytes>("_+_", CelType.Bytes, (a, b) => new CelBytes([.. a.Content, .. b.Content]), Work.Reads),
        Overload.Of("_+_", Overload.ListOfA, [Overload.ListOfA, Overload.ListOfA], arguments => Operators.Concatenate((CelList)arguments[0], (CelList)arguments[1])),
        Overload.Of<TimeSpan, TimeSpan>("_+_", CelType.Duration, (a, b) => Span(() => a + b)),
        Overload.Of<DateTimeOffset, TimeSpan>("_+_", CelType.Timestamp, (a, b) => Time(() => a + b)),
        Overload.Of<TimeSpan, DateTimeOffset>("_+_", CelType.Timestamp, (a, b) => Time(() => b + a)),
        Overload.Of<long, long>("_-_", CelType.Int, (a, b) => Whole(() => checked(a - b))),
        Overload.Of<ulong, ulong>("_-_", CelType.Uint, (a, b) => Unsigned(() => checked(a - b))),
        Overload.Of<double, double>("_-_", CelType.Double, (a, b) => a - b),
        Overload.Of<TimeSpan, TimeSpan>("_-_", CelType.Duration, (a, b) => Span(() => a - b)),
        Overload.Of<DateTimeOffset, DateTimeOffset>("_-_", CelType.Duration, (a, b) => Span(() => a - b)),
        Overload.Of<DateTimeOffset, TimeSpan>("_-_", CelType.Timestamp, (a, b) => Time(() => a - b)),
        Overload.Of<long, long>("_*_", CelType.Int, (a, b) => Whole(() => checked(a * b))),
        Overload.Of<ulong, ulong>("_*_", CelType.Uint, (a, b) => Unsigned(() => checked(a * b))),
        Overload.Of<double, double>("_*_", CelType.Double, (a, b) => a * b),
        Overload.Of<long, long>("_/_", CelType.Int, (a, b) => b == 0 ? CelError.DivisionByZero : Whole(() => checked(a / b))),
        Overload.Of<ulong, ulong>("_/_", CelType.Uint, (a, b) => b == 0 ? CelError.DivisionByZero : a / b),
        Overload.Of<double, double>("_/_", CelType.Double, (a, b) => a / b),
        Overload.Of<long, long>("_%_", CelType.Int, (a, b) => b == 0 ? CelError.ModulusByZero : a == long.MinValue && b == -1 ? CelError.IntOverflow : a % b),
        Overload.Of<ulong, ulong>("_%_", CelType.Uint, (a, b) => b == 0 ? CelError.ModulusByZero : a % b),
        Overload.Of<long>("-_", CelType.Int, a => Whole(() => checked(-a))),
        Overload.Of<double>("-_", CelType.Double, a => -a),
        Overload.Of<string>("size", CelType.Int, LengthOf),
        Overload.Member<string>("size", CelType.Int, LengthOf),
        Overload.Of<CelBytes>("size", CelType.Int, bytes => (long)bytes.Content.Length),
        Overload.Member<CelBytes>("size", CelType.Int, bytes => (long)bytes.Content.Length),
        Overload.Of("size", CelType.Int, [Overload.ListOfA], arguments => (long)((CelList)arguments[0]).Count),
        Overload.Member("size", CelType.Int, [Overload.ListOfA], arguments => (long)((CelList)arguments[0]).Count),
        Overload.Of("size", CelType.Int, [Overload.MapOfAB], arguments => (long)((CelMap)arguments[0]).Count),
        Overload.Member("size", CelType.Int, [Overload.MapOfAB], arguments => (long)((CelMap)arguments[0]).Count),
    ];

    static object LengthOf(string text) => (long)text.EnumerateRunes().Count();

    public static object Whole(Func<long> compute)
    {
        try
        {
            return compute();
        }
        catch (OverflowException)
        {
            return CelError.IntOverflow;
        }
    }

    public static object Unsigned(Func<ulong> compute)
    {
        try
        {
            return compute();
        }
        catch (OverflowException)
        {
            return CelError.UintOverflow;
        }
    }

    public static object Span(Func<TimeSpan> compute)
    {
        try
        {
            var result = compute();
            return Conversion.IsInRange(result) ? result : CelError.DurationOverflow;
        }
        catch (OverflowException)
        {
            return CelError.DurationOverflow;
        }
    }

    public static object Time(Func<DateTimeOffset> compute)
    {
        try
        {
            return compute();
        }
        catch (ArgumentOutOfRangeException)
        {
            return CelError.TimestampOverflow;
        }
    }
}
