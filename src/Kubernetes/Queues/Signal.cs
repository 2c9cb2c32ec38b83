namespace Slotwise.Kubernetes.Queues;

/// <summary>
/// Something that can be waited for. Each waiter has a source of its own and is resumed where it waits: <c>Task.WaitAsync</c>, WhenAny and
/// WhenAll on a source with asynchronous continuations would pass through the thread pool, which a simulation must not.
/// </summary>
sealed class Signal
{
    readonly Lock _lock = new();
    readonly LinkedList<TaskCompletionSource> _waiters = [];
    bool _isSet;

    public bool IsSet
    {
        get
        {
            lock (_lock)
            {
                return _isSet;
            }
        }
    }

    public void Set()
    {
        lock (_lock)
        {
            _isSet = true;
            foreach (var waiter in _waiters)
            {
                waiter.TrySetResult();
            }

            _waiters.Clear();
        }
    }

    public void Reset()
    {
        lock (_lock)
        {
            _isSet = false;
        }
    }

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> waiter;
        lock (_lock)
        {
            if (_isSet)
            {
                return;
            }

            waiter = _waiters.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        await using var registration = cancellationToken.UnsafeRegister(_ => Cancel(waiter, cancellationToken), null);
        await waiter.Value.Task;
    }

    void Cancel(LinkedListNode<TaskCompletionSource> waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (waiter.List is not null)
            {
                _waiters.Remove(waiter);
                waiter.Value.TrySetCanceled(cancellationToken);
            }
        }
    }
}
