using System.Runtime.CompilerServices;
using System.Text.Json;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>A cache that is never behind: it reads the store itself, each version of an object once.</summary>
sealed class StoreCache<T>(Store store) : IObjectCache<T>
    where T : class, IKubernetesObject<T>
{
    readonly ConditionalWeakTable<StoredObject, T> _read = [];

    public bool HasSynced => true;

    public T? Get(NamespacedName name) => List().FirstOrDefault(obj => NamespacedName.Of(obj) == name);

    public IReadOnlyList<T> List() =>
        [.. store.List(store.Kinds.Get(KubernetesKind.Of<T>()), ns: null, new ListQuery()).Items.Select(stored => _read.GetValue(stored, static stored => stored.Json.Deserialize(T.JsonTypeInfo)!))];

    public IReadOnlyList<T> OwnedBy(NamespacedName owner) => [.. List().Where(obj => ClusterCaches.OwnerOf(obj) == owner)];
}
