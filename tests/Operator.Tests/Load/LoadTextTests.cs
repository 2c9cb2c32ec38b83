using Slotwise.Operator.Load;
using Spectre.Console;

namespace Slotwise.Operator.Tests.Load;

public sealed class LoadTextTests
{
    static readonly LedgerReport Clean = new()
    {
        Seconds = 10,
        Acknowledged = 12_345,
        Uncertain = 0,
        Checked = 2000,
        Lost = 0,
        Wrong = 0,
        Late = 0,
        Stale = 0,
        Unchecked = 0,
        Redirects = 42,
        Errors = new SortedDictionary<string, long>(),
        FirstErrors = new SortedDictionary<string, string>(),
        P50Milliseconds = 0.25,
        P99Milliseconds = 3,
        MaxMilliseconds = 51.5,
        LongestGapMilliseconds = new SortedDictionary<string, double> { ["0"] = 50, ["1"] = 1200, ["10"] = 70 },
        PubSub = new PubSubReport(100, 99, 98, 1, 0, 3),
        Findings = [],
    };

    static readonly LedgerReport Hurt = Clean with
    {
        Lost = 2,
        Uncertain = 5,
        Errors = new SortedDictionary<string, long> { ["CLUSTERDOWN"] = 3, ["time-out"] = 2 },
        FirstErrors = new SortedDictionary<string, string> { ["time-out"] = "after 1.0 s: no answer" },
        Findings = ["Lost after 3.0 s: [red]{tag}[/]: nothing"],
    };

    [Fact]
    public void A_clean_report() => Assert.Equal(
        """
        acknowledged 12,345 writes in 10.0 s (1,234/s), 2,000 values read back
        lost         0
        wrong        0
        errors       0
        redirects    42
        latency      p50 0.25 ms, p99 3.0 ms, max 51.5 ms
        longest gap  shard 0 0.05 s, shard 1 1.20 s, shard 10 0.07 s
        messages     100 published, 99 delivered, 98 received, 1 missed, 3 subscriptions renewed

        """,
        LoadText.Full(Clean));

    [Fact]
    public void What_went_wrong_is_said_with_its_first_examples()
    {
        var text = LoadText.Full(Hurt);
        Assert.Contains("errors       3 CLUSTERDOWN, 2 time-out\n", text, StringComparison.Ordinal);
        Assert.Contains("uncertain    5 writes got no answer\n", text, StringComparison.Ordinal);
        Assert.Contains("  time-out after 1.0 s: no answer\n", text, StringComparison.Ordinal);
        Assert.EndsWith("  Lost after 3.0 s: [red]{tag}[/]: nothing\n", text, StringComparison.Ordinal);
        Assert.Equal("2 acknowledged writes are lost, 0 values are wrong, 0 could not be read back", LoadText.Verdict(Hurt));
        Assert.Equal("every acknowledged write is there", LoadText.Verdict(Clean));
    }

    [Fact]
    public void The_line_of_a_log_names_the_longest_gap() => Assert.Equal(
        "   10.0 s  writing: 12,345 acknowledged, 2 lost, 0 wrong, 5 errors, 42 redirects, p99 3.0 ms, longest gap 1.20 s (shard 1)",
        LoadText.Line(new LoadProgress("writing", Hurt)));

    [Fact]
    public void Json_comes_back_as_it_was()
    {
        var text = LoadJson.Write(Hurt);
        Assert.Contains("\"lost\": 2", text, StringComparison.Ordinal);
        Assert.Contains("\"isClean\": false", text, StringComparison.Ordinal);
        var read = LoadJson.Read(text);
        Assert.Equal(LoadText.Full(Hurt), LoadText.Full(read));
        Assert.False(read.IsClean);
    }

    [Fact]
    public void Markup_in_a_key_is_text()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 200;
        console.Write(LoadView.Build(new LoadProgress("writing", Hurt)));
        Assert.Contains("[red]{tag}[/]: nothing", output.ToString(), StringComparison.Ordinal);
    }
}
