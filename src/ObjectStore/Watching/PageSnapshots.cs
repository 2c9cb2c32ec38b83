using System.Collections.Immutable;

namespace Slotwise.ObjectStore.Watching;

/// <summary>The states that unfinished paged lists are read from, so that all pages show one moment. Old ones expire, as etcd's revisions do.</summary>
sealed class PageSnapshots(TimeProvider time)
{
    const int Maximum = 64;
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    readonly List<Snapshot> _snapshots = [];

    public void Keep(string collection, long version, ImmutableSortedDictionary<NamespacedName, StoredObject> objects)
    {
        RemoveExpired();
        if (Find(collection, version) is not null)
        {
            return;
        }

        if (_snapshots.Count == Maximum)
        {
            _snapshots.RemoveAt(0);
        }

        _snapshots.Add(new Snapshot(collection, version, objects, time.GetUtcNow()));
    }

    public ImmutableSortedDictionary<NamespacedName, StoredObject>? Find(string collection, long version)
    {
        RemoveExpired();
        return _snapshots.Find(snapshot => snapshot.Collection == collection && snapshot.Version == version)?.Objects;
    }

    public void Clear() => _snapshots.Clear();

    void RemoveExpired() => _snapshots.RemoveAll(snapshot => time.GetUtcNow() - snapshot.Taken > Lifetime);

    sealed record Snapshot(string Collection, long Version, ImmutableSortedDictionary<NamespacedName, StoredObject> Objects, DateTimeOffset Taken);
}
