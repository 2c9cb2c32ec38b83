namespace Slotwise.Kubernetes.Queues;

/// <summary>
/// Keys to work on. A key is in the queue at most once, and no two workers ever have the same key: what is added meanwhile
/// comes again when the worker is done. (client-go's workqueue; <c>HostedServices</c> of YARP.)
/// </summary>
/// <remarks>
/// For each key: waiting in the queue, added again while it is worked on, worked on. Urgent keys go first, except that every
/// eighth turn is given to the longest waiting one, so that one that fails for ever cannot starve the others.
/// </remarks>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : struct, IComparable<TKey>
{
    const int TurnsOfUrgentKeys = 7;

    readonly TimeProvider _time;
    readonly Lock _lock = new();
    readonly SortedDictionary<TKey, Entry> _entries = [];
    readonly LinkedList<TKey> _urgent = [];
    readonly LinkedList<TKey> _normal = [];
    readonly LinkedList<TaskCompletionSource<TKey?>> _waiting = [];
    readonly DelayQueue<TKey> _delayed;
    readonly RateLimiter<TKey> _limiter;
    readonly Signal _drained = new();
    int _urgentTurns;
    int _processing;
    bool _shutDown;
    long _adds;
    long _retries;
    long _completed;
    TimeSpan _timeQueued;
    TimeSpan _timeWorked;

    public WorkQueue(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _limiter = new RateLimiter<TKey>(time);
        _delayed = new DelayQueue<TKey>(time, AddDue);
    }

    /// <summary>Has a worker look at the key soon. A key that waits already is not added again, but an urgent one moves ahead.</summary>
    public void Add(TKey key, bool urgent = false)
    {
        lock (_lock)
        {
            if (!_shutDown)
            {
                AddLocked(key, urgent);
            }
        }
    }

    /// <summary>Adds the key later. Of several times the earliest counts; <see cref="Add"/> does not cancel it.</summary>
    public void AddAfter(TKey key, TimeSpan delay, bool urgent = false)
    {
        lock (_lock)
        {
            if (_shutDown)
            {
                return;
            }

            if (delay <= TimeSpan.Zero)
            {
                AddLocked(key, urgent);
            }
            else
            {
                _delayed.Add(key, delay, urgent);
            }
        }
    }

    /// <summary>Adds the key after its back-off, which grows with every call until <see cref="Forget"/>.</summary>
    /// <param name="atLeast">A wait that somebody asked for, such as an API server that is overloaded.</param>
    public void AddRateLimited(TKey key, bool urgent = false, TimeSpan atLeast = default)
    {
        lock (_lock)
        {
            if (!_shutDown)
            {
                _retries++;
                var delay = _limiter.Next(key);
                _delayed.Add(key, delay > atLeast ? delay : atLeast, urgent);
            }
        }
    }

    /// <summary>The key's last pass succeeded: its next failure waits the shortest time again.</summary>
    public void Forget(TKey key)
    {
        lock (_lock)
        {
            _limiter.Forget(key);
        }
    }

    /// <summary>How often the key has failed since it was last forgotten.</summary>
    public int Failures(TKey key)
    {
        lock (_lock)
        {
            return _limiter.Failures(key);
        }
    }

    /// <summary>The next key, which is the caller's alone until <see cref="Done"/>; null once the queue is shut down.</summary>
    public Task<TKey?> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_shutDown)
            {
                return Task.FromResult<TKey?>(null);
            }

            if (cancellationToken.IsCancellationRequested)
            {
                return Task.FromCanceled<TKey?>(cancellationToken);
            }

            if (Dequeue() is { } key)
            {
                return Task.FromResult<TKey?>(key);
            }

            var waiter = _waiting.AddLast(new TaskCompletionSource<TKey?>(TaskCreationOptions.RunContinuationsAsynchronously));
            return WaitAsync(waiter, cancellationToken);
        }
    }

    /// <summary>The worker has finished with the key, well or badly.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry) || !entry.Processing)
            {
                throw new InvalidOperationException($"{key} is not being worked on");
            }

            entry.Processing = false;
            _processing--;
            _completed++;
            _timeWorked += _time.GetElapsedTime(entry.Since);
            if (entry.Dirty && !_shutDown)
            {
                Enqueue(key, entry);
            }
            else
            {
                _entries.Remove(key);
            }

            CompleteDrain();
        }
    }

    /// <summary>Takes no more keys and hands none out; what waits is dropped, as the next start looks at everything anyway.</summary>
    /// <returns>Completes when the workers are done with the keys that they have.</returns>
    public Task ShutDownAsync()
    {
        lock (_lock)
        {
            _shutDown = true;
            _delayed.Dispose();
            foreach (var key in _urgent.Concat(_normal))
            {
                _entries.Remove(key);
            }

            _urgent.Clear();
            _normal.Clear();
            foreach (var waiter in _waiting)
            {
                waiter.TrySetResult(null);
            }

            _waiting.Clear();
            CompleteDrain();
            return _drained.WaitAsync(CancellationToken.None);
        }
    }

    public WorkQueueStatistics Observe()
    {
        lock (_lock)
        {
            return new WorkQueueStatistics
            {
                Depth = _urgent.Count + _normal.Count,
                Delayed = _delayed.Count,
                Processing = _processing,
                Adds = _adds,
                Retries = _retries,
                Completed = _completed,
                TimeQueued = _timeQueued,
                TimeWorked = _timeWorked,
                LongestRunning = _entries.Values.Where(entry => entry.Processing).Select(entry => _time.GetElapsedTime(entry.Since)).DefaultIfEmpty().Max(),
            };
        }
    }

    public void Dispose() => _ = ShutDownAsync();

    async Task<TKey?> WaitAsync(LinkedListNode<TaskCompletionSource<TKey?>> waiter, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(_ => Cancel(waiter, cancellationToken), null);
        return await waiter.Value.Task;
    }

    void Cancel(LinkedListNode<TaskCompletionSource<TKey?>> waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (waiter.List is not null)
            {
                _waiting.Remove(waiter);
                waiter.Value.TrySetCanceled(cancellationToken);
            }
        }
    }

    void AddDue(TKey key, bool urgent) => Add(key, urgent);

    void AddLocked(TKey key, bool urgent)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries[key] = entry = new Entry();
        }

        var raised = urgent && !entry.Urgent;
        entry.Urgent |= urgent;
        if (entry.Dirty)
        {
            if (raised && entry.Node is { } node)
            {
                _normal.Remove(node);
                _urgent.AddLast(node);
            }

            return;
        }

        _adds++;
        entry.Dirty = true;
        if (!entry.Processing)
        {
            Enqueue(key, entry);
        }
    }

    void Enqueue(TKey key, Entry entry)
    {
        entry.Since = _time.GetTimestamp();
        entry.Node = (entry.Urgent ? _urgent : _normal).AddLast(key);
        if (_waiting.First is { } waiter)
        {
            _waiting.RemoveFirst();
            waiter.Value.TrySetResult(Dequeue());
        }
    }

    TKey? Dequeue()
    {
        var first = _urgent.First ?? _normal.First;
        if (first is null)
        {
            return null;
        }

        if (_urgent.Count > 0 && ++_urgentTurns > TurnsOfUrgentKeys && _normal.First is { } patient)
        {
            first = patient;
        }

        if (first.List == _normal)
        {
            _urgentTurns = 0;
        }

        first.List!.Remove(first);
        var entry = _entries[first.Value];
        _timeQueued += _time.GetElapsedTime(entry.Since);
        entry.Node = null;
        entry.Dirty = false;
        entry.Urgent = false;
        entry.Processing = true;
        entry.Since = _time.GetTimestamp();
        _processing++;
        return first.Value;
    }

    void CompleteDrain()
    {
        if (_shutDown && _processing == 0)
        {
            _drained.Set();
        }
    }

    sealed class Entry
    {
        /// <summary>Waits, or was added again while it is worked on.</summary>
        public bool Dirty { get; set; }

        public bool Urgent { get; set; }

        public bool Processing { get; set; }

        /// <summary>Since when it waits or is worked on.</summary>
        public long Since { get; set; }

        /// <summary>Its place in the queue.</summary>
        public LinkedListNode<TKey>? Node { get; set; }
    }
}
