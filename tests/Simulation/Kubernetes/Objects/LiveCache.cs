using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.Simulation.Kubernetes.Objects;

/// <summary>What the control plane and the kubelets know of a kind: the newest, as whoever acts on it is late enough by himself.</summary>
sealed class LiveCache<T> : IObjectCache<T>
    where T : class, IKubernetesObject<T>
{
    readonly SortedDictionary<NamespacedName, StoredObject> _objects = [];
    readonly List<Action<T?, T?>> _handlers = [];
    T[]? _list;

    public LiveCache(Store store, ChangeFeed feed)
    {
        var kind = store.Kinds.Get(KubernetesKind.Of<T>());
        foreach (var stored in store.List(kind, ns: null, new ListQuery()).Items)
        {
            _objects[stored.Key] = stored;
        }

        feed.Listen(kind, change =>
        {
            if (change.After is { } after)
            {
                _objects[after.Key] = after;
            }
            else
            {
                _objects.Remove(change.Before!.Key);
            }

            _list = null;
            foreach (var handler in _handlers)
            {
                handler(change.Before?.Read(T.JsonTypeInfo), change.After?.Read(T.JsonTypeInfo));
            }
        });
    }

    public bool HasSynced => true;

    /// <summary>Calls back on every change; the handler makes appointments and writes nothing.</summary>
    public void AddHandler(Action<T?, T?> handler) => _handlers.Add(handler);

    public T? Get(NamespacedName name) => _objects.GetValueOrDefault(name)?.Read(T.JsonTypeInfo);

    public IReadOnlyList<T> List() => _list ??= [.. _objects.Values.Select(stored => stored.Read(T.JsonTypeInfo))];

    public IReadOnlyList<T> OwnedBy(NamespacedName owner) => throw new NotSupportedException("no controller of Kubernetes asks for the cluster of an object");
}
