namespace Slotwise.Testing;

/// <summary>
/// Runs asynchronous code on one thread and a fake clock: whenever nothing is left to run, the clock jumps to its next timer.
/// A test that waits an hour takes no time, and the same test always takes the same course.
/// </summary>
public sealed class VirtualLoop : SynchronizationContext
{
    readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    readonly FakeTimeProvider _time = new();
    readonly int _thread = Environment.CurrentManagedThreadId;

    VirtualLoop()
    {
    }

    /// <param name="body">The test; only what it awaits on this thread and on the clock may happen in it.</param>
    /// <exception cref="InvalidOperationException">Everything waits for something that can never come.</exception>
    public static void Run(Func<FakeTimeProvider, Task> body)
    {
        var before = Current;
        var loop = new VirtualLoop();
        SetSynchronizationContext(loop);
        try
        {
            var task = body(loop._time);
            while (!task.IsCompleted)
            {
                loop.RunReady();
                if (!task.IsCompleted && !loop._time.FireNext())
                {
                    throw new InvalidOperationException($"nothing can happen any more at {loop._time.Elapsed}: a deadlock");
                }
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("something left the virtual thread");
        }

        _ready.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    void RunReady()
    {
        while (_ready.TryDequeue(out var next))
        {
            next.Callback(next.State);
        }
    }
}
