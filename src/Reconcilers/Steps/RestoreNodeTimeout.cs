using System.Globalization;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Undoes what the move of a large key left behind when it broke: cluster-node-timeout goes back to what it was on all nodes.</summary>
/// <param name="Set">The StatefulSet that has the note.</param>
/// <param name="Nodes">The servers that answer.</param>
/// <param name="AreAll">Whether these are all there are; until then the note stays, as one that was only out of reach still has the raised value.</param>
public sealed record RestoreNodeTimeout(StatefulSetReference Set, IReadOnlyList<ServerReference> Nodes, bool AreAll) : IStep
{
    /// <summary>None: it gets in nobody's way, and no other step may keep it from being done.</summary>
    public IReadOnlyList<ServerReference> Servers => [];

    /// <summary>Before the steps on Redis nodes, of which one may raise the time-out again.</summary>
    public int Stage => Stages.Objects;

    public string Description => "restore cluster-node-timeout, which was raised for the move of a large key";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            // The cache may be behind: the note may be gone, or belong to a StatefulSet that is.
            var live = await LiveObjects.FindAsync<V1StatefulSet>(context.Kubernetes, new V1ObjectMeta { Name = Set.Name, NamespaceProperty = Set.Namespace }, cancellationToken);
            if (live?.Metadata.Uid != Set.Uid || NodeTimeouts.ReadNote(live) is not { } value)
            {
                return StepOutcome.Skipped($"StatefulSet {Set} has no note of a raised time-out any more");
            }

            var timeouts = new NodeTimeouts(context, Set);
            if (!AreAll)
            {
                var doubt = await timeouts.SetAsync(Nodes, value, cancellationToken);
                return StepOutcome.Skipped(doubt ?? "cluster-node-timeout is restored on the nodes that answer; the others follow when they do");
            }

            var refusal = await timeouts.RestoreAsync(Nodes, value, cancellationToken);
            return refusal is null
                ? StepOutcome.Done("TimeoutRestored", string.Create(CultureInfo.InvariantCulture, $"cluster-node-timeout is {value.TotalMilliseconds} again on all nodes"))
                : StepOutcome.Failed($"could not {Description}: {refusal}");
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
