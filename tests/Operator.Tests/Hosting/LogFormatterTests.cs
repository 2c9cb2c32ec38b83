using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Slotwise.Operator.Hosting;
using Slotwise.Testing;

namespace Slotwise.Operator.Tests.Hosting;

public sealed class LogFormatterTests
{
    static readonly FakeTimeProvider Time = new();

    [Fact]
    public void Json_says_what_an_entry_is_about() => Assert.Equal(
        """
        {"time":"2026-01-01T00:00:00.000Z","level":"information","category":"Slotwise.Test","message":"made 'x' + \"y\"","name":"orders","namespace":"shop"}

        """,
        Write(new JsonLogFormatter(Time), "made 'x' + \"y\"", null));

    [Fact]
    public void Json_keeps_an_error_on_the_same_line()
    {
        var text = Write(new JsonLogFormatter(Time), "failed", new InvalidOperationException("first\nsecond"));

        Assert.EndsWith("\"error\":\"System.InvalidOperationException: first\\nsecond\"}\n", text);
        Assert.Single(text.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void A_line_begins_with_time_and_level_and_names_the_cluster() =>
        Assert.Matches(@"^\d\d:\d\d:00\.000 information shop/orders: made x\n$", Write(new LineLogFormatter(Time), "made x", null));

    static string Write(ConsoleFormatter formatter, string message, Exception? error)
    {
        var scopes = new LoggerExternalScopeProvider();
        using var outer = scopes.Push((KeyValuePair<string, object>[])[new("namespace", "shop"), new("name", "outer")]);
        using var inner = scopes.Push((KeyValuePair<string, object>[])[new("name", "orders")]);
        using var writer = new StringWriter();
        formatter.Write(new LogEntry<string>(LogLevel.Information, "Slotwise.Test", 7, message, error, (state, _) => state), scopes, writer);
        return writer.ToString();
    }
}
