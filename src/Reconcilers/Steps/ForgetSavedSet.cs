using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Removes what was saved of a StatefulSet that was to be made again and never was deleted. It asks for the set first: the cache may not know yet that it was.
/// </summary>
/// <param name="Claim">The claim with the note.</param>
/// <param name="Set">The StatefulSet that must be there still.</param>
public sealed record ForgetSavedSet(ClaimReference Claim, StatefulSetReference Set) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Objects;

    public string Description => $"note no more on claim {Claim} what StatefulSet {Set} was to be";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var metadata = new V1ObjectMeta { Name = Set.Name, NamespaceProperty = Set.Namespace };
            var live = await LiveObjects.FindAsync<V1StatefulSet>(context.Kubernetes, metadata, cancellationToken);
            if (live?.Metadata is not { DeletionTimestamp: null } found || found.Uid != Set.Uid)
            {
                return StepOutcome.Skipped($"StatefulSet {Set} is gone by now");
            }
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }

        var change = new ChangeClaim(Claim, Description) { Notes = new SortedDictionary<string, string?>(StringComparer.Ordinal) { [SavedStatefulSet.Annotation] = null } };
        return await change.ExecuteAsync(context, cancellationToken);
    }
}
