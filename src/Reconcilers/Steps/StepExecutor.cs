using Slotwise.Kubernetes.Api;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Carries out the steps of a plan. One that fails keeps no other from being tried.</summary>
public static class StepExecutor
{
    /// <summary>Runs the steps, stage by stage, and says how each ended, in the plan's order.</summary>
    public static async Task<IReadOnlyList<(IStep Step, StepOutcome Outcome)>> ExecuteAsync(
        IReadOnlyList<IStep> steps,
        StepContext context,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var outcomes = new List<(IStep Step, StepOutcome Outcome)>(steps.Count);
        foreach (var stage in steps.GroupBy(step => step.Stage).OrderBy(stage => stage.Key))
        {
            outcomes.AddRange(await Task.WhenAll(stage.Select(ExecuteOneAsync)));
        }

        return outcomes;

        async Task<(IStep Step, StepOutcome Outcome)> ExecuteOneAsync(IStep step)
        {
            try
            {
                return (step, await step.ExecuteAsync(context, cancellationToken));
            }
            catch (Exception e) when (e is RedisConnectionException or RedisServerException or KubernetesUnreachableException or FormatException)
            {
                return (step, StepOutcome.Failed($"could not {step.Description}: {e.Message}"));
            }
        }
    }
}
