namespace Slotwise.Testing;

/// <summary>A clock that stands still until somebody moves it. Timers fire in the order of their times, on the thread that moves it.</summary>
public sealed class FakeTimeProvider : TimeProvider
{
    readonly Lock _lock = new();
    readonly SortedSet<FakeTimer> _timers = new(Comparer<FakeTimer>.Create(static (a, b) => (a.Due, a.Id).CompareTo((b.Due, b.Id))));
    readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    TimeSpan _elapsed;
    long _lastId;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How far the clock has come.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
            {
                return _elapsed;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            var timer = new FakeTimer(this, ++_lastId, () => callback(state));
            timer.Change(dueTime, period);
            return timer;
        }
    }

    /// <summary>Moves the clock and fires what becomes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var end = Elapsed + by;
        while (FireNext(end))
        {
        }

        lock (_lock)
        {
            _elapsed = end;
        }
    }

    /// <summary>Moves the clock to the next timer and fires it.</summary>
    /// <returns>False if there is none before <paramref name="limit"/>.</returns>
    public bool FireNext(TimeSpan? limit = null)
    {
        FakeTimer timer;
        lock (_lock)
        {
            if (_timers.Min is not { } first || first.Due > limit)
            {
                return false;
            }

            timer = first;
            _elapsed = timer.Due > _elapsed ? timer.Due : _elapsed;
            _timers.Remove(timer);
            timer.Repeat();
        }

        timer.Callback();
        return true;
    }

    /// <summary>The same passing of time seen from a machine whose wall clock is wrong.</summary>
    public TimeProvider WithWallClockOffBy(TimeSpan offset) => new Skewed(this, offset);

    sealed class FakeTimer(FakeTimeProvider owner, long id, Action callback) : ITimer
    {
        TimeSpan _period = Timeout.InfiniteTimeSpan;

        public long Id => id;

        public TimeSpan Due { get; private set; }

        public Action Callback => callback;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                owner._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = owner._elapsed + dueTime;
                    owner._timers.Add(this);
                }

                return true;
            }
        }

        public void Repeat()
        {
            if (_period != Timeout.InfiniteTimeSpan && _period > TimeSpan.Zero)
            {
                Due += _period;
                owner._timers.Add(this);
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    sealed class Skewed(FakeTimeProvider inner, TimeSpan offset) : TimeProvider
    {
        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + offset;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }
}
