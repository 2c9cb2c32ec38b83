using Slotwise.Operator.Status;
using Spectre.Console;

namespace Slotwise.Operator.Tests.Status;

public sealed class LiveViewTests
{
    [Fact]
    public void A_ready_cluster() => Assert.Equal(
        """
        default/sample: 3 shards with 1 replica each, redis:7.0

        pods ready        ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  6/6
        nodes met         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  6/6
        slots             ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  16384/16384
        replicas in sync  ━━━━━━━━━━━━━━━━━━━━━───────────  2/3

        ready
        """,
        Head(Render(Pictures.Ready), "ready\n"));

    [Fact]
    public void Bars_grow_with_what_is_done_also_without_colours() =>
        Assert.Contains("pods ready        ━━━━━━━━━━━━━━━━────────────────  3/6\n", Render(Pictures.Forming));

    [Fact]
    public void Slots_that_move_have_a_bar_with_rate_and_time_left() => Assert.Contains(
        "slots moved       ━━━━━━━━━━━━━━━━━━━━━━━━────────  3000/4000, 500/s, 2 s left\n",
        Render(Pictures.Moving(1000) with { Moves = new MoveProgress(3000, 1000, 500, TimeSpan.FromSeconds(2)) }));

    [Fact]
    public void Markup_in_a_message_is_text()
    {
        var picture = Pictures.ImageMissing with { Pods = [Pictures.ImageMissing.Pods[0] with { Trouble = "[red]not a colour[/]" }] };

        Assert.Contains("sample-0-0: [red]not a colour[/]", Render(picture));
    }

    [Fact]
    public void Every_moment_can_be_drawn()
    {
        foreach (var picture in new[] { Pictures.JustApplied, Pictures.ImageMissing, Pictures.Forming, Pictures.FromAfar })
        {
            Assert.Contains("SHARD", Render(picture));
        }
    }

    static string Head(string text, string upTo) => text[..(text.IndexOf("\n" + upTo, StringComparison.Ordinal) + upTo.Length)];

    static string Render(ClusterPicture picture)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 120;
        console.Write(LiveView.Build(picture));
        return string.Join('\n', writer.ToString().Split('\n').Select(line => line.TrimEnd()));
    }
}
