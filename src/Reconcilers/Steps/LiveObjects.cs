using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Steps;

/// <summary>What the steps on Kubernetes objects ask and say in the same way.</summary>
static class LiveObjects
{
    public static async Task<T?> FindAsync<T>(IKubernetesApi kubernetes, V1ObjectMeta metadata, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            return await kubernetes.GetAsync<T>(metadata.NamespaceProperty, metadata.Name!, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>An object of our name that is not ours: wait while it is being deleted with an earlier cluster of our name, else the user must decide.</summary>
    public static StepOutcome RefuseStranger<T>(T live, V1ObjectMeta desired)
        where T : class, IKubernetesObject<T>
    {
        var owner = live.Metadata.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        var cluster = desired.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        return live.Metadata.DeletionTimestamp is not null || (owner is not null && owner.Kind == cluster?.Kind && owner.Name == cluster.Name)
            ? StepOutcome.Failed($"{live.Kind} {live.Metadata.Name} of an earlier cluster is still being deleted")
            : StepOutcome.Refused($"{live.Kind} {live.Metadata.Name} exists and belongs to {(owner is null ? "nobody: delete it, or" : $"{owner.Kind} {owner.Name}:")} give the cluster another name");
    }

    /// <summary>
    /// A conflict or a missing object is the normal course of things, and so is a namespace whose deletion came to our objects before it came to
    /// the cluster; what else the server finds invalid or forbidden stays so.
    /// </summary>
    public static StepOutcome Explain(KubernetesApiException e, string description) => e.IsInvalid || (e.IsForbidden && !e.IsNamespaceTerminating)
        ? StepOutcome.Refused($"could not {description}: {e.Message}")
        : StepOutcome.Failed($"could not {description}: {e.Message}");
}
