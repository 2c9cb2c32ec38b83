using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Deletes an object of ours that is no longer wanted; exactly that one, not a successor of the same name.</summary>
public sealed record DeleteObject<T>(string Namespace, string Name, string Uid) : IStep
    where T : class, IKubernetesObject<T>
{
    public IReadOnlyList<ServerReference> Servers => [];

    /// <summary>Whether all other objects of the plan go before it, because it is what remembers them.</summary>
    public bool IsLast { get; init; }

    public int Stage => IsLast ? Stages.Last : Stages.Objects;

    public string Description => $"delete {KubernetesKind.Of<T>().Kind} {Name}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            await context.Kubernetes.DeleteAsync<T>(Namespace, Name, new DeleteOptions { PreconditionUid = Uid }, cancellationToken);
            return StepOutcome.Done("Deleted", $"deleted {KubernetesKind.Of<T>().Kind} {Name}");
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return StepOutcome.Skipped($"{KubernetesKind.Of<T>().Kind} {Name} is gone already");
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
