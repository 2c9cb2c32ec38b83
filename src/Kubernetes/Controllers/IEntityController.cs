using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Controllers;

/// <summary>Brings one resource and the world into agreement.</summary>
/// <typeparam name="T">The kind of the resource.</typeparam>
public interface IEntityController<T>
    where T : class, IKubernetesObject<T>
{
    /// <summary>
    /// One pass over one resource. It gets a key and never an event: whatever happened, it looks at what is there now.
    /// An exception means: again, after the key's back-off.
    /// </summary>
    Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken);
}

/// <summary>When to look again though nothing is heard of. Null: not before something changes.</summary>
public readonly record struct ReconcileResult(TimeSpan? RequeueAfter);
