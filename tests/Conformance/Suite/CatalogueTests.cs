using System.Reflection;
using System.Text;
using Slotwise.Entities.Tests;

namespace Slotwise.Conformance.Suite;

/// <summary>The list of the cases in <c>docs/conformance.md</c> is the list of the cases that there are.</summary>
public sealed class CatalogueTests
{
    const string Start = "<!-- cases: written by UPDATE_GOLDEN=1 make conformance -->\n";

    static readonly string Page = Path.Combine(Repository.Root, "docs", "conformance.md");

    [Fact]
    public void The_page_lists_every_case()
    {
        var written = File.ReadAllText(Page);
        var before = written[..(written.IndexOf(Start, StringComparison.Ordinal) + Start.Length)];
        var expected = before + List();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is { Length: > 0 })
        {
            File.WriteAllText(Page, expected);
            return;
        }

        Assert.True(written == expected, $"{Page} does not list the cases as they are: UPDATE_GOLDEN=1 make conformance writes it");
    }

    static string List()
    {
        var cases = typeof(CatalogueTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Select(method => (Method: method, Case: method.GetCustomAttribute<CaseAttribute>()))
            .Where(pair => pair.Case is not null)
            .OrderBy(pair => pair.Method.DeclaringType!.FullName, StringComparer.Ordinal)
            .ThenBy(pair => pair.Method.Name, StringComparer.Ordinal)
            .ToList();
        var text = new StringBuilder($"\n{cases.Count} cases.\n");
        foreach (var topic in cases.GroupBy(pair => Topic(pair.Method.DeclaringType!)))
        {
            text.Append($"\n### {Words(topic.Key)} ({topic.Count()})\n\n| case | who relies on it |\n|---|---|\n");
            foreach (var (method, its) in topic)
            {
                text.Append($"| {Words(method.DeclaringType!.Name[..^"Tests".Length])}: {method.Name.Replace('_', ' ')}{Needs(its!)} | {its!.UsedBy} |\n");
            }
        }

        return text.ToString();
    }

    static string Topic(Type type) => type.Namespace!["Slotwise.Conformance.".Length..];

    static string Needs(CaseAttribute its) => (its.NeedsFaults, its.Hosts) switch
    {
        (true, _) => " *(trouble on demand)*",
        (_, > 1) => $" *({its.Hosts} hosts)*",
        _ => "",
    };

    /// <summary><c>ApiMachinery</c> as <c>Api machinery</c>.</summary>
    static string Words(string name) => string.Concat(name.Select((letter, i) => i > 0 && char.IsUpper(letter) && !char.IsUpper(name[i - 1]) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));
}
