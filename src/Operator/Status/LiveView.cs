using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Slotwise.Operator.Status;

/// <summary>A cluster's state for a terminal, redrawn in place.</summary>
static class LiveView
{
    const int BarWidth = 32;

    public static IRenderable Build(ClusterPicture picture)
    {
        List<IRenderable> rows = [new Markup($"[bold]{Markup.Escape(ClusterText.Headline(picture))}[/]"), Text.Empty, Progress(picture), Text.Empty];
        rows.Add(new Markup(picture.IsReady ? "[green]ready[/]" : $"[yellow]{Markup.Escape(ClusterText.State(picture))}[/]"));
        rows.AddRange(ClusterText.Troubles(picture).Select(trouble => new Markup($"[red]{Markup.Escape(trouble)}[/]")));
        rows.AddRange([Text.Empty, Table(picture)]);
        if (picture.IsRedisHidden)
        {
            rows.Add(new Markup($"[dim]{ClusterText.NotReachable}[/]"));
        }

        // What Reconciling says stands above already.
        rows.Add(Text.Empty);
        rows.AddRange(ClusterText.Conditions(picture).Where(item => item.Condition.Type != "Reconciling").Select(item => new Markup($"[{Color(item.Condition)}]{Markup.Escape(item.Line)}[/]")));
        return new Rows(rows);
    }

    static Grid Progress(ClusterPicture picture)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap());
        AddBar(grid, "pods ready", picture.ReadyPods, picture.WantedPods);
        if (!picture.IsRedisHidden)
        {
            AddBar(grid, "nodes met", picture.NodesThatKnowAll, picture.WantedPods);
        }

        AddBar(grid, "slots", picture.Slots, ClusterPicture.AllSlots);
        if (picture.WantedReplicas > 0 && !picture.IsRedisHidden)
        {
            AddBar(grid, "replicas in sync", picture.ReplicasInSync, picture.WantedReplicas);
        }

        if (picture.Moves is { } moves)
        {
            AddBar(grid, "slots moved", moves.Moved, moves.Moved + moves.Remaining, ClusterText.Moves(picture));
        }

        return grid;
    }

    static void AddBar(Grid grid, string what, int have, int want, string? text = null)
    {
        var filled = want == 0 ? BarWidth : (int)((long)BarWidth * Math.Min(have, want) / want);
        var color = have >= want ? "green" : "yellow";
        grid.AddRow(
            new Text(what),
            new Markup($"[{color}]{new string('━', filled)}[/][grey30]{new string('─', BarWidth - filled)}[/]"),
            new Text(text ?? string.Create(CultureInfo.InvariantCulture, $"{have}/{want}")));
    }

    static Table Table(ClusterPicture picture)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns([.. ShardRow.Headings.Select(heading => new TableColumn($"[dim]{heading}[/]"))]);
        foreach (var row in ShardRow.BuildAll(picture))
        {
            table.AddRow([.. row.Cells.Select(cell => new Text(cell))]);
        }

        return table;
    }

    static string Color(Kubernetes.Models.V1Condition condition)
    {
        var wanted = condition.Type is "Reconciling" or "Stalled" ? "False" : "True";
        return condition.Status == wanted ? "dim" : condition.Type is "Ready" or "Stalled" ? "red" : "yellow";
    }
}
