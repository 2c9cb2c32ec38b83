using System.Globalization;
using System.Text;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary>Text, counted in code points: what the language has, and the <c>strings</c> extension that Kubernetes takes in.</summary>
static class TextFunctions
{
    public static IEnumerable<Overload> All =>
    [
        Overload.Member<string, string>("contains", CelType.Bool, (text, part) => text.Contains(part, StringComparison.Ordinal), Work.Multiplies),
        Overload.Member<string, string>("startsWith", CelType.Bool, (text, part) => text.StartsWith(part, StringComparison.Ordinal), Work.Reads),
        Overload.Member<string, string>("endsWith", CelType.Bool, (text, part) => text.EndsWith(part, StringComparison.Ordinal), Work.Reads),
        Overload.Member<string, long>("charAt", CelType.Text, CharAt),
        Overload.Member<string, string>("indexOf", CelType.Int, (text, part) => IndexOf(text, part, 0), Work.Multiplies),
        Overload.Member<string, string, long>("indexOf", CelType.Int, IndexOf, Work.Multiplies),
        Overload.Member<string, string>("lastIndexOf", CelType.Int, (text, part) => LastIndexOf(text, part, null), Work.Multiplies),
        Overload.Member<string, string, long>("lastIndexOf", CelType.Int, (text, part, from) => LastIndexOf(text, part, from), Work.Multiplies),
        Overload.Member("join", CelType.Text, [Overload.ListOfText], arguments => Join((CelList)arguments[0], ""), Work.Visits),
        Overload.Member("join", CelType.Text, [Overload.ListOfText, CelType.Text], arguments => Join((CelList)arguments[0], (string)arguments[1]), Work.Visits),
        Overload.Member<string>("lowerAscii", CelType.Text, text => Map(text, char.ToLowerInvariant), Work.Reads),
        Overload.Member<string>("upperAscii", CelType.Text, text => Map(text, char.ToUpperInvariant), Work.Reads),
        Overload.Member<string, string, string>("replace", CelType.Text, (text, old, with) => Replace(text, old, with, -1), Work.Reads),
        Overload.Member("replace", CelType.Text, [CelType.Text, CelType.Text, CelType.Text, CelType.Int], arguments => Replace((string)arguments[0], (string)arguments[1], (string)arguments[2], (long)arguments[3]), Work.Reads),
        Overload.Member<string, string>("split", Overload.ListOfText, (text, by) => Split(text, by, -1), Work.Reads),
        Overload.Member<string, string, long>("split", Overload.ListOfText, Split, Work.Reads),
        Overload.Member<string, long>("substring", CelType.Text, (text, from) => Substring(text, from, null), Work.Reads),
        Overload.Member<string, long, long>("substring", CelType.Text, (text, from, to) => Substring(text, from, to), Work.Reads),
        Overload.Member<string>("trim", CelType.Text, text => text.Trim(), Work.Reads),
        Overload.Member<string>("reverse", CelType.Text, text => string.Concat(text.EnumerateRunes().Reverse()), Work.Reads),
        Overload.Member("format", CelType.Text, [CelType.Text, CelType.ListOf(CelType.Dyn)], arguments => TextTemplate.Fill((string)arguments[0], (CelList)arguments[1]), Work.Reads),
        Overload.Of<string>("strings.quote", CelType.Text, TextTemplate.Quote, Work.Reads),
    ];

    static object CharAt(string text, long index)
    {
        var runes = text.EnumerateRunes().ToArray();
        return index < 0 || index > runes.Length ? Outside(index) : index == runes.Length ? "" : runes[index].ToString();
    }

    static object IndexOf(string text, string part, long from)
    {
        var (runes, sought) = (Runes(text), Runes(part));
        if (from < 0 || from > runes.Length)
        {
            return Outside(from);
        }

        for (var at = (int)from; at <= runes.Length - sought.Length; at++)
        {
            if (runes.AsSpan(at, sought.Length).SequenceEqual(sought))
            {
                return (long)at;
            }
        }

        return -1L;
    }

    static object LastIndexOf(string text, string part, long? from)
    {
        var (runes, sought) = (Runes(text), Runes(part));
        if (from is < 0 || from > runes.Length)
        {
            return Outside(from.Value);
        }

        for (var at = (int)Math.Min(from ?? long.MaxValue, runes.Length - sought.Length); at >= 0; at--)
        {
            if (runes.AsSpan(at, sought.Length).SequenceEqual(sought))
            {
                return (long)at;
            }
        }

        return -1L;
    }

    static object Join(CelList list, string separator) =>
        list.All(item => item is string) ? string.Join(separator, list.Cast<string>()) : CelError.NoOverload;

    static string Map(string text, Func<char, char> change) => string.Concat(text.Select(character => char.IsAscii(character) ? change(character) : character));

    static string Replace(string text, string old, string with, long times)
    {
        if (times < 0 && old.Length > 0)
        {
            return text.Replace(old, with, StringComparison.Ordinal);
        }

        var result = new StringBuilder();
        var at = 0;
        for (var done = 0L; times < 0 || done < times; done++)
        {
            // An empty text is found before every character and at the end.
            var found = old.Length > 0 ? text.IndexOf(old, at, StringComparison.Ordinal) : done == 0 ? 0 : at < text.Length ? at + Rune.GetRuneAt(text, at).Utf16SequenceLength : -1;
            if (found < 0)
            {
                break;
            }

            result.Append(text, at, found - at).Append(with);
            at = found + old.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    static object Split(string text, string by, long times)
    {
        if (times == 0)
        {
            return CelList.Of([]);
        }

        if (by.Length == 0)
        {
            var runes = text.EnumerateRunes().Select(rune => rune.ToString()).ToList();
            return times < 0 || runes.Count <= times
                ? CelList.Of([.. runes])
                : CelList.Of([.. runes.Take((int)times - 1), string.Concat(runes.Skip((int)times - 1))]);
        }

        return CelList.Of([.. times < 0 ? text.Split(by) : text.Split(by, (int)Math.Min(times, int.MaxValue))]);
    }

    static object Substring(string text, long from, long? to)
    {
        var runes = text.EnumerateRunes().ToArray();
        var end = to ?? runes.Length;
        if (from < 0 || from > runes.Length)
        {
            return Outside(from);
        }

        if (end < 0 || end > runes.Length)
        {
            return Outside(end);
        }

        return from > end
            ? new CelError(string.Create(CultureInfo.InvariantCulture, $"invalid substring range. start: {from}, end: {end}"))
            : string.Concat(runes[(int)from..(int)end]);
    }

    static Rune[] Runes(string text) => [.. text.EnumerateRunes()];

    static CelError Outside(long index) => new(string.Create(CultureInfo.InvariantCulture, $"index out of range: {index}"));
}
