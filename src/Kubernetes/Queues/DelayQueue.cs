namespace Slotwise.Kubernetes.Queues;

/// <summary>Keys that are due later; the earliest time of a key counts. One timer, set to the next of them: nothing polls.</summary>
sealed class DelayQueue<TKey> : IDisposable
    where TKey : struct, IComparable<TKey>
{
    readonly TimeProvider _time;
    readonly Action<TKey, bool> _due;
    readonly Lock _lock = new();
    readonly SortedDictionary<TKey, Item> _items = [];
    readonly SortedSet<(long Due, TKey Key)> _order = [];
    readonly ITimer _timer;
    bool _disposed;

    /// <param name="due">Called with the key, and whether it is urgent, when its time has come.</param>
    public DelayQueue(TimeProvider time, Action<TKey, bool> due)
    {
        _time = time;
        _due = due;
        _timer = time.CreateTimer(_ => DeliverDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    public void Add(TKey key, TimeSpan delay, bool urgent)
    {
        lock (_lock)
        {
            var due = _time.GetTimestamp() + (long)Math.Ceiling(delay.TotalSeconds * _time.TimestampFrequency);
            if (_items.TryGetValue(key, out var old))
            {
                urgent |= old.Urgent;
                due = Math.Min(due, old.Due);
                _order.Remove((old.Due, key));
            }

            _items[key] = new Item(due, urgent);
            _order.Add((due, key));
            SetTimer();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _items.Clear();
            _order.Clear();
        }

        _timer.Dispose();
    }

    void DeliverDue()
    {
        List<(TKey Key, bool Urgent)> due = [];
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            while (_order.Count > 0 && _order.Min.Due <= now)
            {
                var first = _order.Min;
                _order.Remove(first);
                _items.Remove(first.Key, out var item);
                due.Add((first.Key, item.Urgent));
            }

            SetTimer();
        }

        foreach (var (key, urgent) in due)
        {
            _due(key, urgent); // outside our lock: the queue takes its own
        }
    }

    /// <summary>Rounds up to whole milliseconds, the unit of timers: one that fires early would fire again and again.</summary>
    void SetTimer()
    {
        if (_disposed)
        {
            return;
        }

        var wait = Timeout.InfiniteTimeSpan;
        if (_order.Count > 0)
        {
            var seconds = (_order.Min.Due - _time.GetTimestamp()) / (double)_time.TimestampFrequency;
            wait = TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(seconds * 1000), 0, int.MaxValue));
        }

        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    readonly record struct Item(long Due, bool Urgent);
}
