using Slotwise.ObjectStore.Cel.Functions;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Evaluation;

/// <summary>What a call costs, by the sizes of what it is given. The factors are cel-go's.</summary>
static class Costs
{
    public const double PerCharacter = 0.1;
    public const double PerPatternCharacter = 0.25;

    public static long Of(Overload overload, object[] arguments) => overload.Work switch
    {
        Work.Reads => 1 + (long)(PerCharacter * arguments.Sum(Size)),
        Work.Multiplies => 1 + (long)(Math.Ceiling(PerCharacter * (1 + Size(arguments[0]))) * Math.Ceiling(PerPatternCharacter * Size(arguments[1]))),
        Work.Visits => 1 + arguments.OfType<CelList>().Sum(list => (long)list.Count),
        _ => 1,
    };

    static long Size(object value) => value switch
    {
        string text => text.Length,
        CelBytes bytes => bytes.Content.Length,
        CelList list => list.Count,
        CelMap map => map.Count,
        _ => 1,
    };
}
