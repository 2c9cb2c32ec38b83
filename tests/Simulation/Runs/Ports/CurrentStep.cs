using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Simulation.Runs.Ports;

/// <summary>Which step of the operator is being carried out, so that every write can be told by its purpose.</summary>
public static class CurrentStep
{
    /// <summary>Outside of steps: the report of a pass, events, the lease.</summary>
    const string None = "Operator";

    static readonly AsyncLocal<string?> Step = new();

    /// <summary>The kind of the step.</summary>
    public static string Name => Step.Value ?? None;

    /// <summary>Has the steps of plans say which they are.</summary>
    public static Func<ClusterObservation, Plan> Follow(Func<ClusterObservation, Plan> plan) => observation =>
    {
        var planned = plan(observation);
        return planned with { Steps = [.. planned.Steps.Select(step => new Followed(step))] };
    };

    /// <summary>The step itself, whoever follows it.</summary>
    public static IStep Unwrap(IStep step) => step is Followed followed ? followed.Step : step;

    static string NameOf(IStep step)
    {
        var type = step.GetType();
        return type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}" : type.Name;
    }

    sealed record Followed(IStep Step) : IStep
    {
        public IReadOnlyList<ServerReference> Servers => Step.Servers;

        public int Stage => Step.Stage;

        public string Description => Step.Description;

        public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
        {
            CurrentStep.Step.Value = NameOf(Step);
            return await Step.ExecuteAsync(context, cancellationToken);
        }
    }
}
