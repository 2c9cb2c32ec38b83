using System.Net;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>How the work of a call grows.</summary>
enum Work
{
    Constant,

    /// <summary>With the size of what it is given.</summary>
    Reads,

    /// <summary>With the size of its first argument times that of its second.</summary>
    Multiplies,

    /// <summary>With the number of elements of the list.</summary>
    Visits,
}

/// <summary>One form of a function: what it takes, what it comes to, and how.</summary>
/// <param name="Name">An operator has a name such as <c>_+_</c>.</param>
/// <param name="IsMember">Whether it is called as <c>x.name()</c>; x is then the first parameter.</param>
/// <param name="Body">Gets values that fit the parameters, and none of them is an error.</param>
sealed record Overload(string Name, bool IsMember, IReadOnlyList<CelType> Parameters, CelType Result, Func<object[], object> Body, Work Work)
{
    public static readonly CelType A = CelType.Variable("A");
    public static readonly CelType B = CelType.Variable("B");
    public static readonly CelType ListOfA = CelType.ListOf(A);
    public static readonly CelType MapOfAB = CelType.MapOf(A, B);
    public static readonly CelType OptionalOfA = CelType.OptionalOf(A);
    public static readonly CelType ListOfText = CelType.ListOf(CelType.Text);

    public bool Takes(object[] arguments)
    {
        for (var i = 0; i < Parameters.Count; i++)
        {
            if (!TypeOfValue.Fits(Parameters[i], arguments[i]))
            {
                return false;
            }
        }

        return true;
    }

    public static Overload Of(string name, CelType result, CelType[] parameters, Func<object[], object> body, Work work = Work.Constant) =>
        new(name, false, parameters, result, body, work);

    public static Overload Of<T>(string name, CelType result, Func<T, object> body, Work work = Work.Constant) =>
        new(name, false, [TypeOf<T>()], result, arguments => body((T)arguments[0]), work);

    public static Overload Of<T1, T2>(string name, CelType result, Func<T1, T2, object> body, Work work = Work.Constant) =>
        new(name, false, [TypeOf<T1>(), TypeOf<T2>()], result, arguments => body((T1)arguments[0], (T2)arguments[1]), work);

    public static Overload Member(string name, CelType result, CelType[] parameters, Func<object[], object> body, Work work = Work.Constant) =>
        new(name, true, parameters, result, body, work);

    public static Overload Member<T>(string name, CelType result, Func<T, object> body, Work work = Work.Constant) =>
        new(name, true, [TypeOf<T>()], result, arguments => body((T)arguments[0]), work);

    public static Overload Member<T1, T2>(string name, CelType result, Func<T1, T2, object> body, Work work = Work.Constant) =>
        new(name, true, [TypeOf<T1>(), TypeOf<T2>()], result, arguments => body((T1)arguments[0], (T2)arguments[1]), work);

    public static Overload Member<T1, T2, T3>(string name, CelType result, Func<T1, T2, T3, object> body, Work work = Work.Constant) =>
        new(name, true, [TypeOf<T1>(), TypeOf<T2>(), TypeOf<T3>()], result, arguments => body((T1)arguments[0], (T2)arguments[1], (T3)arguments[2]), work);

    static CelType TypeOf<T>() => Types[typeof(T)];

    static readonly Dictionary<Type, CelType> Types = new()
    {
        [typeof(object)] = CelType.Dyn,
        [typeof(bool)] = CelType.Bool,
        [typeof(long)] = CelType.Int,
        [typeof(ulong)] = CelType.Uint,
        [typeof(double)] = CelType.Double,
        [typeof(string)] = CelType.Text,
        [typeof(CelBytes)] = CelType.Bytes,
        [typeof(DateTimeOffset)] = CelType.Timestamp,
        [typeof(TimeSpan)] = CelType.Duration,
        [typeof(CelQuantity)] = CelType.Quantity,
        [typeof(Uri)] = CelType.Url,
        [typeof(IPAddress)] = CelType.Ip,
        [typeof(CelCidr)] = CelType.Cidr,
        [typeof(NamedFormat)] = CelType.NamedFormat,
    };
}
