namespace Slotwise.Simulation.Clock;

/// <summary>
/// One thread and one clock for everything that happens in a run. Whenever nothing is left to run, the clock jumps to what is due next; what is due at the
/// same time happens in the order in which it was asked for. So a seed decides a run whole.
/// </summary>
public sealed class Simulator : SynchronizationContext
{
    readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    readonly PriorityQueue<Appointment, (TimeSpan At, long Order)> _calendar = new();
    readonly int _thread = Environment.CurrentManagedThreadId;
    long _order;

    /// <param name="seed">Decides everything that is random.</param>
    public Simulator(ulong seed)
    {
        Seed = seed;
        Time = new SimulatedTime(this);
        Trace = new Trace(this);
    }

    public ulong Seed { get; }

    /// <summary>The clock that the code under simulation reads and waits by.</summary>
    public SimulatedTime Time { get; }

    /// <summary>How long the run has lasted in its own time.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>How many appointments were kept: what a run costs.</summary>
    public long Steps { get; private set; }

    /// <summary>What happened, for people, and to compare two runs.</summary>
    public Trace Trace { get; }

    /// <summary>
    /// A stream of random numbers of its own for each purpose, so that one more draw in one place changes nothing in another.
    /// </summary>
    public Random NewRandom(string purpose)
    {
        ArgumentNullException.ThrowIfNull(purpose);

        // FNV-1a over the name, then over the seed: string.GetHashCode differs between processes.
        var hash = 14695981039346656037UL;
        foreach (var letter in purpose)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        for (var shift = 0; shift < 64; shift += 8)
        {
            hash = (hash ^ ((Seed >> shift) & 0xff)) * 1099511628211UL;
        }

        return new Random((int)(hash ^ (hash >> 32)));
    }

    /// <summary>Has something happen later, unless the appointment is cancelled.</summary>
    public Appointment After(TimeSpan delay, Action action)
    {
        var appointment = new Appointment(action);
        _calendar.Enqueue(appointment, (Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero), ++_order));
        return appointment;
    }

    /// <summary>Runs until the body is done.</summary>
    /// <param name="body">Starts whatever shall happen.</param>
    /// <exception cref="InvalidOperationException">Everything waits for something that can never come.</exception>
    public void Run(Func<Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            var task = body();
            while (true)
            {
                RunReady();
                if (task.IsCompleted)
                {
                    task.GetAwaiter().GetResult();
                    return;
                }

                if (!TryJump())
                {
                    throw new InvalidOperationException($"nothing can happen any more at {Now}: a deadlock");
                }
            }
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
            throw new InvalidOperationException("something left the simulated thread");
        }

        _ready.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    void RunReady()
    {
        while (_ready.TryDequeue(out var next))
        {
            next.Callback(next.State);
        }
    }

    bool TryJump()
    {
        while (_calendar.TryDequeue(out var appointment, out var due))
        {
            if (appointment.IsCancelled)
            {
                continue;
            }

            Now = due.At;
            Steps++;
            appointment.Keep();
            return true;
        }

        return false;
    }
}
