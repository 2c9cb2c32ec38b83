using System.Globalization;

namespace Slotwise.Operator.Load;

/// <summary>A ledger's report in words.</summary>
static class LoadText
{
    /// <summary>One line, for a log.</summary>
    public static string Line(LoadProgress progress)
    {
        var report = progress.Report;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Seconds,7:0.0} s  {progress.Doing}: {report.Acknowledged:N0} acknowledged, {report.Lost:N0} lost, {report.Wrong:N0} wrong, {report.ErrorCount:N0} errors, {report.Redirects:N0} redirects, p99 {report.P99Milliseconds:0.0} ms, longest gap {LongestGap(report)}");
    }

    /// <summary>Everything, as names and values.</summary>
    public static IReadOnlyList<(string Name, string Value)> Rows(LedgerReport report)
    {
        List<(string, string)> rows =
        [
            ("acknowledged", string.Create(CultureInfo.InvariantCulture, $"{report.Acknowledged:N0} writes in {report.Seconds:0.0} s ({report.Acknowledged / Math.Max(report.Seconds, 0.001):N0}/s), {report.Checked:N0} values read back")),
            ("lost", Number(report.Lost)),
            ("wrong", Number(report.Wrong)),
            ("errors", report.ErrorCount == 0 ? "0" : string.Join(", ", report.Errors.Select(error => $"{Number(error.Value)} {error.Key}"))),
            ("redirects", Number(report.Redirects)),
            ("latency", string.Create(CultureInfo.InvariantCulture, $"p50 {report.P50Milliseconds:0.00} ms, p99 {report.P99Milliseconds:0.0} ms, max {report.MaxMilliseconds:0.0} ms")),
            ("longest gap", report.LongestGapMilliseconds.Count == 0
                ? "-"
                : string.Join(", ", report.LongestGapMilliseconds.OrderBy(gap => gap.Key.Length).Select(gap => $"shard {gap.Key} {Seconds(gap.Value)}"))),
        ];
        Add("uncertain", report.Uncertain, "writes got no answer");
        Add("late", report.Late, "writes without an answer took effect after later ones");
        Add("stale", report.Stale, "values were not yet on the replica that was asked");
        Add("unchecked", report.Unchecked, "values could not be read back");
        if (report.PubSub is { } messages)
        {
            rows.Add(("messages", string.Create(
                CultureInfo.InvariantCulture,
                $"{messages.Published:N0} published, {messages.Delivered:N0} delivered, {messages.Received:N0} received, {messages.Missed:N0} missed, {messages.Interruptions:N0} subscriptions renewed")));
        }

        return rows;

        void Add(string name, long count, string what)
        {
            if (count > 0)
            {
                rows.Add((name, $"{Number(count)} {what}"));
            }
        }
    }

    /// <summary>Everything in plain text, findings included.</summary>
    public static string Full(LedgerReport report) =>
        string.Concat(Rows(report).Select(row => $"{row.Name,-13}{row.Value}\n")
            .Concat(report.FirstErrors.Select(error => $"  {error.Key} {error.Value}\n"))
            .Concat(report.Findings.Select(finding => $"  {finding}\n")));

    /// <summary>Whether all is well, in one line.</summary>
    public static string Verdict(LedgerReport report) => report.IsClean
        ? "every acknowledged write is there"
        : string.Create(CultureInfo.InvariantCulture, $"{report.Lost:N0} acknowledged writes are lost, {report.Wrong:N0} values are wrong, {report.Unchecked:N0} could not be read back");

    static string LongestGap(LedgerReport report)
    {
        var longest = report.LongestGapMilliseconds.OrderByDescending(gap => gap.Value).FirstOrDefault();
        return longest.Key is null ? "-" : $"{Seconds(longest.Value)} (shard {longest.Key})";
    }

    static string Seconds(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.00} s");

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
