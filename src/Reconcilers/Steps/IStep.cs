using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// One action on Kubernetes or on Redis nodes, as a value. It checks its own precondition again right before it acts, because the
/// world may have moved on, and can be repeated or abandoned at any instant.
/// </summary>
public interface IStep
{
    /// <summary>The servers that it changes; none for a Kubernetes object. A plan holds at most one step per server.</summary>
    IReadOnlyList<ServerReference> Servers { get; }

    /// <summary>Steps of a lower stage are done before those of a higher one begin; within a stage they run side by side.</summary>
    int Stage { get; }

    /// <summary>What it does, for people.</summary>
    string Description { get; }

    Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken);
}
