namespace Slotwise.Simulation.Clock;

/// <summary>Something that will happen, unless it is cancelled before.</summary>
public sealed class Appointment(Action action)
{
    public bool IsCancelled { get; private set; }

    public void Cancel() => IsCancelled = true;

    internal void Keep() => action();
}
