namespace Slotwise.Kubernetes.Controllers;

/// <summary>How a controller works.</summary>
public sealed record ControllerOptions
{
    /// <summary>Passes at a time, each over another resource.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>
    /// From a change to the pass for its sake. Changes come in bursts, as a pod that starts is written to five times: whatever comes within this time gets one pass.
    /// </summary>
    public TimeSpan Gather { get; init; }

    /// <summary>The longest a pass may take before its token is cancelled; null: as long as it likes.</summary>
    public TimeSpan? PassTimeout { get; init; }
}
