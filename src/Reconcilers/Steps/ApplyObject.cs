using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Creates or changes a Kubernetes object. Never somebody else's: one of that name that this cluster does not control is left alone and reported.</summary>
/// <param name="Desired">The object with all fields that are ours.</param>
/// <param name="ClusterUid">Whose object it must be, if it exists.</param>
public sealed record ApplyObject<T>(T Desired, string ClusterUid) : IStep
    where T : class, IKubernetesObject<T>
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Desired is V1ConfigMap or V1Secret ? Stages.Mounted : Stages.Objects;

    public string Description => $"apply {Desired.Kind} {Desired.Metadata.Name}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            // The cache may be behind, and applying would take over an object that belongs to somebody else.
            var live = await LiveObjects.FindAsync<T>(context.Kubernetes, Desired.Metadata, cancellationToken);
            if (live is not null && !live.Metadata.IsControlledBy(ClusterUid))
            {
                return LiveObjects.RefuseStranger(live, Desired.Metadata);
            }

            var applied = await new ObjectApplier(context.Kubernetes).ApplyIfChangedAsync(Desired, live, cancellationToken);
            return applied.Written
                ? StepOutcome.Done(live is null ? "Created" : "Changed", $"{(live is null ? "created" : "changed")} {Desired.Kind} {Desired.Metadata.Name}")
                : StepOutcome.Skipped($"{Desired.Kind} {Desired.Metadata.Name} is as it should be");
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
