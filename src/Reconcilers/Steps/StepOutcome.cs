namespace Slotwise.Reconcilers.Steps;

/// <summary>How a step ended.</summary>
/// <param name="Result">Whether it acted.</param>
/// <param name="Message">What was done, or why not, for people.</param>
/// <param name="Event">The reason under which an event and the log report it; null for a detail of which only the debug log tells.</param>
public sealed record StepOutcome(StepResult Result, string Message, string? Event = null)
{
    /// <summary>Whether the event is a warning: it was done, and something is lost by what made it necessary.</summary>
    public bool IsWarning { get; init; }

    public static StepOutcome Done(string eventReason, string message) => new(StepResult.Done, message, eventReason);

    /// <summary>The world had moved on; the next pass decides anew.</summary>
    public static StepOutcome Skipped(string message) => new(StepResult.Skipped, message);

    /// <summary>The other side did not answer or answered with an error that time may cure.</summary>
    public static StepOutcome Failed(string message) => new(StepResult.Failed, message);

    /// <summary>The API server or the Redis node said no, and will say so again until somebody changes something.</summary>
    /// <param name="message">What is wrong and what to do about it.</param>
    /// <param name="reason">In one CamelCase word, for the event and the conditions.</param>
    public static StepOutcome Refused(string message, string reason = "Refused") => new(StepResult.Refused, message, reason);
}

/// <summary>The ways in which a step can end.</summary>
public enum StepResult
{
    Done,
    Skipped,
    Failed,
    Refused,
}
