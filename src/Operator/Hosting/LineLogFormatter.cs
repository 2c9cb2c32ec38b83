using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Slotwise.Operator.Hosting;

/// <summary>A log entry as one line for people: time, level, the cluster that it is about, and the message; an error's stack follows.</summary>
sealed class LineLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "slotwise-line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var subject = LogSubject.Read(scopeProvider);
        var cluster = subject.TryGetValue("name", out var name) ? $"{subject.GetValueOrDefault("namespace")}/{name}: " : "";
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        textWriter.WriteLine($"{time.GetLocalNow():HH:mm:ss.fff} {LogSubject.LevelName(logEntry.LogLevel),-11} {cluster}{message}");
        if (logEntry.Exception is { } error)
        {
            textWriter.WriteLine(error);
        }
    }
}
