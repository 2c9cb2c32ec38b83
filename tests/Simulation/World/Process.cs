using Slotwise.Simulation.Clock;

namespace Slotwise.Simulation.World;

/// <summary>
/// A program that can end at any instant, in the middle of whatever it does. Its continuations and timers run only while it lives; what it waits for when it
/// ends never comes, so nothing of it runs again, not even a <c>finally</c>.
/// </summary>
public sealed class Process : SynchronizationContext
{
    readonly Simulator _simulator;

    public Process(Simulator simulator, string name)
    {
        _simulator = simulator;
        Name = name;
        Time = new ProcessTime(simulator.Time, this);
    }

    public string Name { get; }

    public bool IsAlive { get; private set; } = true;

    /// <summary>The clock that the program reads and waits by.</summary>
    public ProcessTime Time { get; }

    /// <summary>Called once, when it has ended: whoever talks to it finds its connections broken.</summary>
    public event Action? Ended;

    /// <summary>Starts something in it.</summary>
    public void Start(Func<Task> main) => Post(_ => Watch(main()), null);

    /// <summary>Ends it now. What it has sent already arrives all the same.</summary>
    public void Kill()
    {
        if (IsAlive)
        {
            IsAlive = false;
            Ended?.Invoke();
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => _simulator.Post(_ => Enter(d, state), null);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs a callback as part of the program, if it lives.</summary>
    internal void Enter(SendOrPostCallback callback, object? state)
    {
        if (!IsAlive)
        {
            return;
        }

        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            callback(state);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>A program whose main ended is over; how it ended is for whoever started it to see.</summary>
    async void Watch(Task main)
    {
        try
        {
            await main;
        }
#pragma warning disable CA1031 // an unhandled exception ends a process, whatever it is
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _simulator.Trace.Add(Name, $"ended: {exception.Message}");
        }

        Kill();
    }
}
