namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>Every function and operator: those of the language, and the libraries that Kubernetes adds. See "Common Expression Language in Kubernetes".</summary>
static class FunctionTable
{
    static readonly ILookup<string, Overload> Overloads = ((Overload[])
    [
        .. Operators.All,
        .. Arithmetic.All,
        .. Conversions.All,
        .. TextFunctions.All,
        .. TimeFunctions.All,
        .. ListFunctions.All,
        .. SetFunctions.All,
        .. RegexFunctions.All,
        .. UrlFunctions.All,
        .. QuantityFunctions.All,
        .. NetworkFunctions.All,
        .. FormatFunctions.All,
        .. OptionalFunctions.All,
    ]).ToLookup(overload => overload.Name);

    public static bool Has(string name) => name is "_&&_" or "_||_" || Overloads.Contains(name);

    public static IEnumerable<Overload> Find(string name, bool isMember, int arguments) =>
        Overloads[name].Where(overload => overload.IsMember == isMember && overload.Parameters.Count == arguments);
}
