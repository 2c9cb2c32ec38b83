namespace Slotwise.Kubernetes.Controllers;

/// <summary>How a controller works.</summary>
public sealed record ControllerOptions
{
    /// <summary>Passes at a time, each over another resource.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>The longest a pass may take before its token is cancelled; null: as long as it likes.</summary>
    public TimeSpan? PassTimeout { get; init; }
}
