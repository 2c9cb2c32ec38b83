using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Cache;

/// <summary>The objects of one kind by name and by owner. Written by the watch, read by every worker.</summary>
sealed class ObjectStore<T>(Func<T, NamespacedName?>? ownerOf)
    where T : class, IKubernetesObject<T>
{
    readonly Lock _lock = new();
    readonly SortedDictionary<NamespacedName, SortedDictionary<NamespacedName, T>> _byOwner = [];
    SortedDictionary<NamespacedName, T> _byName = [];

    public T? Get(NamespacedName name)
    {
        lock (_lock)
        {
            return _byName.GetValueOrDefault(name);
        }
    }

    public IReadOnlyList<T> List()
    {
        lock (_lock)
        {
            return [.. _byName.Values];
        }
    }

    public IReadOnlyList<T> OwnedBy(NamespacedName owner)
    {
        lock (_lock)
        {
            return _byOwner.TryGetValue(owner, out var owned) ? [.. owned.Values] : [];
        }
    }

    /// <returns>The object that was there before.</returns>
    public T? Set(T obj)
    {
        lock (_lock)
        {
            var name = NamespacedName.Of(obj);
            var old = _byName.GetValueOrDefault(name);
            _byName[name] = obj;
            Unindex(name, old);
            Index(name, obj);
            return old;
        }
    }

    /// <returns>The object that was there before.</returns>
    public T? Remove(NamespacedName name)
    {
        lock (_lock)
        {
            _byName.Remove(name, out var old);
            Unindex(name, old);
            return old;
        }
    }

    /// <summary>Takes over a complete list.</summary>
    /// <returns>What changed by it, in the order of names; a deletion has no new object, an addition no old one.</returns>
    public IReadOnlyList<(T? Old, T? New)> Replace(IEnumerable<T> objects)
    {
        lock (_lock)
        {
            var old = _byName;
            _byName = [];
            _byOwner.Clear();
            var changes = new SortedDictionary<NamespacedName, (T? Old, T? New)>();
            foreach (var obj in objects)
            {
                var name = NamespacedName.Of(obj);
                _byName[name] = obj;
                old.Remove(name, out var before);
                if (before is null || before.Metadata.ResourceVersion != obj.Metadata.ResourceVersion || before.Metadata.Uid != obj.Metadata.Uid)
                {
                    changes[name] = (before, obj);
                }
            }

            foreach (var (name, obj) in _byName)
            {
                Index(name, obj);
            }

            foreach (var (name, gone) in old)
            {
                changes[name] = (gone, null);
            }

            return [.. changes.Values];
        }
    }

    void Index(NamespacedName name, T obj)
    {
        if (ownerOf?.Invoke(obj) is { } owner)
        {
            if (!_byOwner.TryGetValue(owner, out var owned))
            {
                _byOwner[owner] = owned = [];
            }

            owned[name] = obj;
        }
    }

    void Unindex(NamespacedName name, T? obj)
    {
        if (obj is not null && ownerOf?.Invoke(obj) is { } owner && _byOwner.TryGetValue(owner, out var owned))
        {
            owned.Remove(name);
            if (owned.Count == 0)
            {
                _byOwner.Remove(owner);
            }
        }
    }
}
