namespace Slotwise.Simulation.Clock;

/// <summary>The simulated clock as .NET has clocks. Its wall clock can be set wrong; what has passed cannot.</summary>
public sealed class SimulatedTime(Simulator simulator) : TimeProvider
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How wrong the wall clock is.</summary>
    public TimeSpan WallClockError { get; set; }

    public override DateTimeOffset GetUtcNow() => Start + simulator.Now + WallClockError;

    public override long GetTimestamp() => simulator.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(simulator, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class Timer(Simulator simulator, Action callback) : ITimer
    {
        Appointment? _next;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _next?.Cancel();
            _next = dueTime == Timeout.InfiniteTimeSpan ? null : simulator.After(dueTime, () => Fire(period));
            return true;
        }

        public void Dispose() => _next?.Cancel();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        void Fire(TimeSpan period)
        {
            if (period > TimeSpan.Zero)
            {
                _next = simulator.After(period, () => Fire(period));
            }

            callback();
        }
    }
}
