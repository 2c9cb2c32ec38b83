using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Kinds;
using Slotwise.ObjectStore.Watching;
using Slotwise.Simulation.Kubernetes.Objects;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Api;

/// <summary>What clients meet between them and the store: the way there and back, hooks around every write, faults, and caches that lag.</summary>
public sealed class ApiServer
{
    readonly SimulatedKubernetes _world;
    readonly SortedDictionary<string, List<StoreChange>> _changes = new(StringComparer.Ordinal);
    readonly List<(TimeSpan At, long Version)> _versions = [];
    readonly List<WatchStream> _streams = [];
    readonly SortedDictionary<string, TimeSpan> _lags = new(StringComparer.Ordinal);
    readonly Random _random;
    long _forgottenTo;

    internal ApiServer(SimulatedKubernetes world, ChangeFeed feed)
    {
        _world = world;
        _random = world.Simulator.NewRandom("api");
        feed.Listen(Record);
    }

    /// <summary>Whether it answers at all: connections are refused while it does not.</summary>
    public bool IsDown { get; set; }

    /// <summary>Called right before each write of a client takes effect. Who ends the client's process here has the write not happen.</summary>
    public Action<ApiRequest>? BeforeWrite { get; set; }

    /// <summary>Called right after each write of a client took effect and before its answer is on the way.</summary>
    public Action<ApiRequest>? AfterWrite { get; set; }

    /// <summary>Decides which requests go wrong and how; null: this one does not.</summary>
    public Func<ApiRequest, ApiFault?>? Choose { get; set; }

    /// <summary>How old an answer to a list from version 0 may be.</summary>
    public TimeSpan ListAge { get; set; }

    /// <summary>Of how many watch events one is told twice; 0 for none.</summary>
    public double Repeats { get; set; }

    /// <summary>Whether versions of an object that a later one has replaced before they were told are left out.</summary>
    public bool Coalesces { get; set; }

    internal Store Store => _world.Store;

    internal SimulatedKubernetes World => _world;

    /// <summary>An API client at an address, whose requests and watches end with its process.</summary>
    public ApiClient Connect(Process process, string address) => new(this, process, address);

    /// <summary>Watches of a kind (its plural name) tell everything so much later from now on.</summary>
    public void SetLag(string kind, TimeSpan lag) => _lags[kind] = lag;

    /// <summary>No watch lags any more.</summary>
    public void EndLags() => _lags.Clear();

    /// <summary>Breaks the watches of a kind, or all.</summary>
    public void BreakWatches(string? kind = null)
    {
        foreach (var stream in _streams.Where(stream => kind is null || stream.Kind.Kind.Plural == kind).ToList())
        {
            stream.Break("the connection was reset");
        }
    }

    /// <summary>Forgets the changes so far, as etcd's compaction does: a watch from before gets 410.</summary>
    public void Forget()
    {
        _forgottenTo = Store.ResourceVersion;
        Store.Compact();
    }

    internal TimeSpan Draw(Between delay) => delay.Draw(_random);

    internal bool DrawRepeat() => Repeats > 0 && _random.NextDouble() < Repeats;

    internal TimeSpan LagOf(ResourceKind kind) => _lags.GetValueOrDefault(kind.Kind.Plural);

    /// <summary>The version of a cache that is behind; null: the newest.</summary>
    internal long? StaleVersion()
    {
        if (ListAge <= TimeSpan.Zero)
        {
            return null;
        }

        var then = _world.Simulator.Now - ListAge;
        return Math.Max(_versions.FindLast(entry => entry.At <= then).Version, _forgottenTo);
    }

    internal bool IsForgotten(long version) => version < _forgottenTo;

    /// <summary>The changes of a kind after a version.</summary>
    internal IEnumerable<StoreChange> ChangesAfter(ResourceKind kind, long version)
    {
        var changes = _changes.GetValueOrDefault(kind.GroupResource) ?? [];
        var first = changes.Count;
        while (first > 0 && changes[first - 1].ResourceVersion > version)
        {
            first--;
        }

        return changes.Skip(first);
    }

    internal void Open(WatchStream stream) => _streams.Add(stream);

    internal void Close(WatchStream stream) => _streams.Remove(stream);

    void Record(StoreChange change)
    {
        if (!_changes.TryGetValue(change.Kind.GroupResource, out var changes))
        {
            _changes[change.Kind.GroupResource] = changes = [];
        }

        changes.Add(change);
        _versions.Add((_world.Simulator.Now, change.ResourceVersion));
        foreach (var stream in _streams)
        {
            stream.Hear(change);
        }
    }
}
