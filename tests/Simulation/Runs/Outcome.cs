namespace Slotwise.Simulation.Runs;

/// <summary>How a run came to its end, when all faults were over.</summary>
public sealed class Outcome
{
    /// <summary>What is still missing when the patience is over; null when nothing is.</summary>
    public string? Shortfall { get; set; }

    /// <summary>How long it took after the last fault.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Whether it ended with a condition that says what the user has to decide.</summary>
    public bool IsRefused { get; set; }

    /// <summary>What the operator wrote after all was done.</summary>
    public List<string> LateWrites { get; } = [];
}
