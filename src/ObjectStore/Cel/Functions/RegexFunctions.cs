using System.Text.RegularExpressions;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary><c>matches</c>, and the <c>regex</c> library of Kubernetes.</summary>
static class RegexFunctions
{
    public static IEnumerable<Overload> All =>
    [
        Overload.Member<string, string>("matches", CelType.Bool, Matches, Work.Multiplies),
        Overload.Of<string, string>("matches", CelType.Bool, Matches, Work.Multiplies),
        Overload.Member<string, string>("find", CelType.Text, (text, pattern) => With(pattern, regex => regex.Match(text).Value), Work.Multiplies),
        Overload.Member<string, string>("findAll", Overload.ListOfText, (text, pattern) => FindAll(text, pattern, -1), Work.Multiplies),
        Overload.Member<string, string, long>("findAll", Overload.ListOfText, FindAll, Work.Multiplies),
    ];

    static object Matches(string text, string pattern) => With(pattern, regex => regex.IsMatch(text));

    static object FindAll(string text, string pattern, long most) =>
        With(pattern, regex => CelList.Of([.. regex.Matches(text).Take(most < 0 ? int.MaxValue : (int)Math.Min(most, int.MaxValue)).Select(match => match.Value)]));

    static object With(string pattern, Func<Regex, object> use) =>
        GoPattern.TryRead(pattern, out var regex, out var fault) ? use(regex) : new CelError($"error parsing regexp: {fault}");
}
