using Microsoft.Extensions.Logging;
using Slotwise.Simulation.Clock;

namespace Slotwise.Simulation.Operators;

/// <summary>What the operator logs about changes and troubles goes into the trace.</summary>
sealed class TraceLog(Simulator simulator, string who) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            simulator.Trace.Add(who, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception.GetType().Name}");
        }
    }
}

/// <summary>The same for who wants a logger of his own.</summary>
sealed class TraceLog<T>(TraceLog log) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        log.Log(logLevel, eventId, state, exception, formatter);
}
