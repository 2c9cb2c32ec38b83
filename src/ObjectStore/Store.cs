using System.Collections.Immutable;

namespace Slotwise.ObjectStore;

/// <summary>
/// The objects of a Kubernetes API server, in memory: versions, watches, selectors, pages, patches, server-side apply, finalizers,
/// graceful deletion and validation, without HTTP. Safe for many threads; has none of its own, so that a simulation can drive it.
/// </summary>
/// <remarks>
/// Not here, because Kubernetes has controllers for it: garbage collection by owner references, and what follows from a spec.
/// Namespaces and CustomResourceDefinitions do take their contents with them.
/// </remarks>
public sealed partial class Store
{
    readonly StoreOptions _options;
    readonly Lock _gate = new();
    readonly Dictionary<string, Collection> _collections = [];
    long _version;

    public Store(StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _version = options.StartVersion;
        ServiceAddresses = new ServiceAddresses(options.ServiceNetwork);
        foreach (var name in (string[])["default", "kube-node-lease", "kube-public", "kube-system"])
        {
            Create(Kinds.BuiltIn("namespaces"), null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, new WriteOptions { Manager = "kube-apiserver" });
        }
    }

    /// <summary>The kinds that are served.</summary>
    public KindRegistry Kinds { get; } = new();

    /// <summary>The version of the newest write.</summary>
    public long ResourceVersion
    {
        get
        {
            lock (_gate)
            {
                return _version;
            }
        }
    }

    internal ServiceAddresses ServiceAddresses { get; }

    /// <param name="kind">Of the object.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="resourceVersion">The answer is at least as new.</param>
    /// <exception cref="KubernetesApiException">404; 500: no version; 504: the version lies in the future.</exception>
    public StoredObject Get(ResourceKind kind, string? ns, string name, string? resourceVersion = null)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (_gate)
        {
            if (resourceVersion is { Length: > 0 })
            {
                RefuseFuture(ulong.TryParse(resourceVersion, out _) ? ReadVersion(resourceVersion) : throw ApiError.Failure(VersionFault(resourceVersion)));
            }

            return kind.View(Find(kind, ns, name) ?? throw ApiError.NotFound(kind, name));
        }
    }

    /// <summary>An object as it was at an earlier version; as it is when the changes since then are forgotten.</summary>
    /// <exception cref="KubernetesApiException">404.</exception>
    public StoredObject GetAt(ResourceKind kind, string? ns, string name, long version)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (_gate)
        {
            var objects = StateAt(kind, version).Objects;
            return kind.View(objects.GetValueOrDefault(new NamespacedName(kind.Kind.Namespaced ? ns ?? "" : "", name)) ?? throw ApiError.NotFound(kind, name));
        }
    }

    /// <summary>The version of the last write to any object of a kind: what is derived from them can be kept until it changes.</summary>
    public long LastChange(ResourceKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (_gate)
        {
            return CollectionOf(kind).Log.Newest;
        }
    }

    /// <summary>Every object of every kind in a namespace, or everywhere; for garbage collection.</summary>
    public IReadOnlyList<(ResourceKind Kind, StoredObject Object)> Everything(string? ns = null)
    {
        lock (_gate)
        {
            return [.. Kinds.All
                .Where(kind => kind.StoredAs is null)
                .SelectMany(kind => CollectionOf(kind).Objects.Values
                    .Where(stored => ns is null || stored.Key.Namespace == ns)
                    .Select(stored => (kind, stored)))];
        }
    }

    /// <summary>Forgets the changes so far, as etcd's compaction does: watches and pages from before get 410.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            foreach (var collection in _collections.Values)
            {
                collection.Log.Compact(_version);
                collection.Log.Wake();
            }
        }
    }

    internal string Now() => Meta.Time(_options.Time.GetUtcNow());

    internal IReadOnlySet<string> UsedServiceAddresses() =>
        CollectionOf(Kinds.BuiltIn("services")).Objects.Values.Select(service => service.Json.At("spec.clusterIP").AsText() ?? "").ToHashSet();

    StoredObject? Find(ResourceKind kind, string? ns, string name) =>
        CollectionOf(kind).Objects.GetValueOrDefault(new NamespacedName(kind.Kind.Namespaced ? ns ?? "" : "", name));

    Collection CollectionOf(ResourceKind kind)
    {
        if (!_collections.TryGetValue(kind.StorageName, out var collection))
        {
            collection = new Collection(new EventLog(_options.RememberedChanges, _options.StartVersion));
            _collections.Add(kind.StorageName, collection);
        }

        return collection;
    }

    void Append(ResourceKind kind, Collection collection, LoggedChange change)
    {
        collection.Log.Append(change);
        _options.Changed?.Invoke(new StoreChange(kind, change.Before, change.After, change.ResourceVersion));
    }

    sealed class Collection(EventLog log)
    {
        public ImmutableSortedDictionary<NamespacedName, StoredObject> Objects { get; set; } = ImmutableSortedDictionary<NamespacedName, StoredObject>.Empty;

        public EventLog Log { get; } = log;
    }
}
