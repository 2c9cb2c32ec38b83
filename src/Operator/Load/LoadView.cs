using Spectre.Console;
using Spectre.Console.Rendering;

namespace Slotwise.Operator.Load;

/// <summary>A ledger's report for a terminal, redrawn in place.</summary>
static class LoadView
{
    public static IRenderable Build(LoadProgress progress)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var (name, value) in LoadText.Rows(progress.Report))
        {
            grid.AddRow(new Text(name), new Markup($"[{Color(name, progress.Report)}]{Markup.Escape(value)}[/]"));
        }

        return new Rows(
            new Markup($"[bold]{Markup.Escape(progress.Doing)}[/]"),
            Text.Empty,
            grid,
            new Rows(progress.Report.Findings.Select(finding => new Markup($"[red]{Markup.Escape(finding)}[/]"))));
    }

    static string Color(string name, LedgerReport report) => name switch
    {
        "lost" => report.Lost > 0 ? "red" : "green",
        "wrong" => report.Wrong > 0 ? "red" : "green",
        "unchecked" => "red",
        "errors" => report.ErrorCount > 0 ? "yellow" : "green",
        _ => "default",
    };
}
