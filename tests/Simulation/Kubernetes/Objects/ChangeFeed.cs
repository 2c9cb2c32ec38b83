using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Watching;

namespace Slotwise.Simulation.Kubernetes.Objects;

/// <summary>Tells of every change of the store at once and in order. Who listens makes appointments and writes nothing.</summary>
sealed class ChangeFeed
{
    readonly List<Action<StoreChange>> _all = [];
    readonly SortedDictionary<string, List<Action<StoreChange>>> _byKind = new(StringComparer.Ordinal);

    public void Tell(StoreChange change)
    {
        foreach (var listener in _all)
        {
            listener(change);
        }

        if (_byKind.TryGetValue(change.Kind.GroupResource, out var listeners))
        {
            foreach (var listener in listeners)
            {
                listener(change);
            }
        }
    }

    public void Listen(Action<StoreChange> listener) => _all.Add(listener);

    public void Listen(ResourceKind kind, Action<StoreChange> listener)
    {
        if (!_byKind.TryGetValue(kind.GroupResource, out var listeners))
        {
            _byKind[kind.GroupResource] = listeners = [];
        }

        listeners.Add(listener);
    }
}
