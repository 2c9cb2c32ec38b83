using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Gives a StatefulSet another pod template. Its pods stay as they are: it replaces none by itself.</summary>
/// <param name="Desired">The StatefulSet with the template, and all else of it that is ours as it is.</param>
/// <param name="Set">The StatefulSet, and no successor of the same name.</param>
/// <param name="Generation">Its generation when it was observed; one that was changed since is left alone.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record ChangeTemplate(V1StatefulSet Desired, StatefulSetReference Set, long? Generation, string Reason) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Objects;

    public string Description => $"change the pod template of StatefulSet {Set}: {Reason}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var live = await LiveObjects.FindAsync<V1StatefulSet>(context.Kubernetes, Desired.Metadata, cancellationToken);
            if (live?.Metadata.Uid != Set.Uid || live.Metadata.Generation != Generation)
            {
                return StepOutcome.Skipped($"StatefulSet {Set} was changed meanwhile");
            }

            // Refused if it is changed between the question and the answer.
            var desired = Desired with { Metadata = Desired.Metadata with { Uid = Set.Uid, ResourceVersion = live.Metadata.ResourceVersion } };
            await new ObjectApplier(context.Kubernetes).ApplyIfChangedAsync(desired, live: null, cancellationToken);
            return StepOutcome.Done("TemplateChanged", $"StatefulSet {Set} makes its pods anew: {Reason}");
        }
        catch (KubernetesApiException e)
        {
            var outcome = LiveObjects.Explain(e, Description);
            return outcome.Result == StepResult.Refused
                ? StepOutcome.Refused($"{outcome.Message}; no pod is replaced: correct what of the spec makes the pod, such as spec.podTemplate, or take the change back", "TemplateRefused")
                : outcome;
        }
    }
}
