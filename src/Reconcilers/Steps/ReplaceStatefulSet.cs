using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Deletes a StatefulSet without its pods, which run on, after what it shall be was written on a claim. It is made again in a later pass, when it is gone. A
/// StatefulSet that was written to since it was observed, by whomever, is left alone: what is saved would not be what it was.
/// </summary>
/// <param name="Set">The StatefulSet.</param>
/// <param name="ResourceVersion">Its version when it was observed.</param>
/// <param name="Claim">Where what it shall be is kept meanwhile.</param>
/// <param name="Saved">What it shall be.</param>
/// <param name="Purpose">Why.</param>
public sealed record ReplaceStatefulSet(StatefulSetReference Set, string ResourceVersion, ClaimReference Claim, string Saved, string Purpose) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Last;

    public string Description => $"make StatefulSet {Set} again: {Purpose}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var note = new ChangeClaim(Claim, $"note on claim {Claim} what StatefulSet {Set} shall be")
        {
            Notes = new SortedDictionary<string, string?>(StringComparer.Ordinal) { [SavedStatefulSet.Annotation] = Saved },
        };
        var noted = await note.ExecuteAsync(context, cancellationToken);
        if (noted.Result != StepResult.Done)
        {
            return noted;
        }

        var options = new DeleteOptions { PreconditionUid = Set.Uid, PreconditionResourceVersion = ResourceVersion, PropagationPolicy = "Orphan" };
        try
        {
            await context.Kubernetes.DeleteAsync<V1StatefulSet>(Set.Namespace, Set.Name, options, cancellationToken);
            return StepOutcome.Done("StatefulSetReplaced", $"StatefulSet {Set} is made again while its pods run on: {Purpose}");
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return StepOutcome.Skipped($"StatefulSet {Set} was changed meanwhile");
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
