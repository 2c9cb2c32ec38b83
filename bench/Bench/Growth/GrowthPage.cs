using System.Globalization;
using System.Text;

namespace Slotwise.Bench.Growth;

/// <summary>docs/scaling-cost.md and its plot.</summary>
static class GrowthPage
{
    const string Name = "scaling-cost";

    public static void Write(IReadOnlyList<GrowthSeries> series)
    {
        var docs = FindDocs();
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            # What moving slots costs, and how it grows

            Written by `make bench-growth`, last on {DateTime.UtcNow:yyyy-MM-dd}, on {Environment.ProcessorCount} processors that the servers share with what moves the slots; redis-server of this machine, without replicas. Beside it `redis-cli --cluster reshard` as it is, which moves the same slots back. Each figure is one run.

            ![The same figures as curves]({Name}.svg)
            """);
        foreach (var one in series)
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## By {one.Unit}: {one.Title}").AppendLine();
            text.AppendLine(CultureInfo.InvariantCulture, $"| {one.Unit} | slotwise | redis-cli | times faster |").AppendLine("|---:|---:|---:|---:|");
            foreach (var point in one.Points)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {point.Size:N0} | {point.Ours:0.000} s | {point.Peer:0.000} s | {point.Peer / point.Ours:0.0} |");
            }
        }

        File.WriteAllText(Path.Combine(docs, $"{Name}.md"), text.ToString());
        File.WriteAllText(Path.Combine(docs, $"{Name}.svg"), GrowthPlot.Draw(series));
        Console.WriteLine($"written to {docs}/{Name}.md");
    }

    static string FindDocs()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "docs", "architecture.md")))
            {
                return Path.Combine(directory, "docs");
            }
        }

        throw new InvalidOperationException($"docs/ is not above {AppContext.BaseDirectory}: run the benchmarks from a checkout");
    }
}
