using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>A cache that is never behind: it reads the store itself.</summary>
sealed class StoreCache<T>(Store store) : IObjectCache<T>
    where T : class, IKubernetesObject<T>
{
    readonly StoreKubernetesApi _api = new(store, "cache");

    public bool HasSynced => true;

    public T? Get(NamespacedName name) => List().FirstOrDefault(obj => NamespacedName.Of(obj) == name);

    public IReadOnlyList<T> List()
    {
        var page = _api.ListAsync<T>(ns: null, new ListOptions { Limit = null }, CancellationToken.None);
        return page.IsCompletedSuccessfully ? page.GetAwaiter().GetResult().Items : throw new InvalidOperationException("the store answers at once", page.Exception);
    }

    public IReadOnlyList<T> OwnedBy(NamespacedName owner) => [.. List().Where(obj => ClusterCaches.OwnerOf(obj) == owner)];
}
