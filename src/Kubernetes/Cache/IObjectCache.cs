using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Cache;

/// <summary>What an informer knows of one kind. Stale by design: act only on what a fresh read would confirm, or idempotently.</summary>
public interface IObjectCache<T>
    where T : class, IKubernetesObject<T>
{
    /// <summary>Whether the first complete list is in.</summary>
    bool HasSynced { get; }

    T? Get(NamespacedName name);

    /// <summary>All objects, in the order of their names.</summary>
    IReadOnlyList<T> List();

    /// <summary>The objects that belong to one resource, in the order of their names.</summary>
    IReadOnlyList<T> OwnedBy(NamespacedName owner);
}
