using Slotwise.Simulation.Clock;

namespace Slotwise.Simulation.World;

/// <summary>The clock of a process: its timers fire in it, and no more when it has ended. Its wall clock can be wrong by itself.</summary>
public sealed class ProcessTime(SimulatedTime time, Process process) : TimeProvider
{
    public override long TimestampFrequency => time.TimestampFrequency;

    /// <summary>How wrong its wall clock is, beside that of the whole world.</summary>
    public TimeSpan WallClockError { get; set; }

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + WallClockError;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(_ => process.Enter(callback.Invoke, state), null, dueTime, period);
}
