using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Cache;

/// <summary>Several caches of one kind, each of another namespace, as one.</summary>
public sealed class CombinedCache<T>(IReadOnlyList<IObjectCache<T>> caches) : IObjectCache<T>
    where T : class, IKubernetesObject<T>
{
    public bool HasSynced => caches.All(cache => cache.HasSynced);

    public T? Get(NamespacedName name) => caches.Select(cache => cache.Get(name)).FirstOrDefault(obj => obj is not null);

    public IReadOnlyList<T> List() => Merge(caches.Select(cache => cache.List()));

    public IReadOnlyList<T> OwnedBy(NamespacedName owner) => Merge(caches.Select(cache => cache.OwnedBy(owner)));

    static IReadOnlyList<T> Merge(IEnumerable<IReadOnlyList<T>> parts) => [.. parts.SelectMany(part => part).OrderBy(obj => NamespacedName.Of(obj))];
}
