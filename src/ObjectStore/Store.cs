using System.Collections.Immutable;
using System.Globalization;
using System.Text;

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
    readonly PageSnapshots _snapshots;
    long _version;

    public Store(StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _version = options.StartVersion;
        _snapshots = new PageSnapshots(options.Time);
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

    /// <exception cref="KubernetesApiException">404.</exception>
    public StoredObject Get(ResourceKind kind, string? ns, string name)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (_gate)
        {
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

    /// <summary>Lists one page, in the order of namespaces and names.</summary>
    /// <param name="kind">Which objects.</param>
    /// <param name="ns">Null: all namespaces.</param>
    /// <param name="query">The selection and the page.</param>
    /// <exception cref="KubernetesApiException">400: bad selector; 410: the continue token expired; 504: the version lies in the future.</exception>
    public ListResult List(ResourceKind kind, string? ns, ListQuery query)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(query);
        var selection = ObjectSelection.Of(kind, ns, query.LabelSelector, query.FieldSelector);
        ImmutableSortedDictionary<NamespacedName, StoredObject> objects;
        long version;
        NamespacedName? after = null;
        lock (_gate)
        {
            RefuseFuture(query.ResourceVersion);
            (objects, version) = StateAt(kind, query.AsOf);
            if (query.Continue is { Length: > 0 } token)
            {
                (version, after) = ReadToken(token);
                objects = _snapshots.Find(kind.StorageName, version) ?? throw ApiError.Expired(
                    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.");
            }
        }

        var page = new List<StoredObject>();
        string? next = null;
        var matching = 0L;
        foreach (var (key, found) in objects)
        {
            if (after is { } start && key <= start)
            {
                continue;
            }

            var stored = kind.View(found);
            if (!selection.Matches(stored.Json))
            {
                continue;
            }

            matching++;
            if (query.Limit is null or 0 || page.Count < query.Limit)
            {
                page.Add(stored);
            }
            else if (next is null)
            {
                next = WriteToken(version, page[^1].Key);
                lock (_gate)
                {
                    _snapshots.Keep(kind.StorageName, version, objects);
                }
            }
        }

        var remaining = next is null || selection.IsSelective ? (long?)null : matching - page.Count;
        return new ListResult(page, version, next, remaining);
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

            _snapshots.Clear();
        }
    }

    internal string Now() => Meta.Time(_options.Time.GetUtcNow());

    internal IReadOnlySet<string> UsedServiceAddresses() =>
        CollectionOf(Kinds.BuiltIn("services")).Objects.Values.Select(service => service.Json.At("spec.clusterIP").AsText() ?? "").ToHashSet();

    StoredObject? Find(ResourceKind kind, string? ns, string name) =>
        CollectionOf(kind).Objects.GetValueOrDefault(new NamespacedName(kind.Kind.Namespaced ? ns ?? "" : "", name));

    /// <summary>All objects of a kind as they were at an earlier version, as far back as changes are remembered.</summary>
    (ImmutableSortedDictionary<NamespacedName, StoredObject> Objects, long Version) StateAt(ResourceKind kind, long? version)
    {
        var collection = CollectionOf(kind);
        if (version is not { } then || then >= _version)
        {
            return (collection.Objects, _version);
        }

        var remembered = collection.Log.After(collection.Log.CompactedTo, int.MaxValue);
        var objects = collection.Objects;
        foreach (var change in Enumerable.Reverse(remembered).Where(change => change.ResourceVersion > then))
        {
            objects = change.Before is { } before ? objects.SetItem(before.Key, before) : objects.Remove(change.After!.Key);
        }

        // What a deletion reports is newer than what was there before it.
        foreach (var late in objects.Values.Where(stored => stored.ResourceVersion > then).ToList())
        {
            if (remembered.FindLast(change => change.ResourceVersion <= then && change.After?.Key == late.Key)?.After is { } earlier)
            {
                objects = objects.SetItem(late.Key, earlier);
            }
        }

        return (objects, then);
    }

    Collection CollectionOf(ResourceKind kind)
    {
        if (!_collections.TryGetValue(kind.StorageName, out var collection))
        {
            collection = new Collection(new EventLog(_options.RememberedChanges, _options.StartVersion));
            _collections.Add(kind.StorageName, collection);
        }

        return collection;
    }

    void RefuseFuture(string? version)
    {
        if (ReadVersion(version) is { } asked && asked > _version)
        {
            throw ApiError.Of(System.Net.HttpStatusCode.GatewayTimeout, "Timeout", $"Too large resource version: {asked}, current: {_version}", new V1StatusDetails
            {
                RetryAfterSeconds = 1,
                Causes = [new V1StatusCause { Reason = "ResourceVersionTooLarge", Message = "Too large resource version" }],
            });
        }
    }

    static long? ReadVersion(string? version) => version switch
    {
        null or "" => null,
        _ when long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw ApiError.BadRequest($"resourceVersion: Invalid value: \"{version}\": strconv.ParseUint: parsing \"{version}\": invalid syntax"),
    };

    static string WriteToken(long version, NamespacedName last) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{version.ToString(CultureInfo.InvariantCulture)} {last}"));

    static (long Version, NamespacedName After) ReadToken(string token)
    {
        var buffer = new byte[token.Length];
        if (Convert.TryFromBase64String(token, buffer, out var written)
            && Encoding.UTF8.GetString(buffer, 0, written).Split(' ', '/') is [var version, var ns, var name]
            && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return (number, new NamespacedName(ns, name));
        }

        throw ApiError.BadRequest("continue key is not valid: it is not one that this server gave");
    }

    sealed class Collection(EventLog log)
    {
        public ImmutableSortedDictionary<NamespacedName, StoredObject> Objects { get; set; } = ImmutableSortedDictionary<NamespacedName, StoredObject>.Empty;

        public EventLog Log { get; } = log;
    }
}
