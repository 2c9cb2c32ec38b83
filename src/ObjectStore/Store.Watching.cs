using System.Runtime.CompilerServices;

namespace Slotwise.ObjectStore;

public sealed partial class Store
{
    const int Batch = 256;

    /// <summary>
    /// Follows the changes of a kind, in order and without loss, until the timeout, the cancellation or the end of the kind.
    /// Nothing is buffered for a watcher: it pulls, and one that falls behind what is remembered gets 410.
    /// </summary>
    /// <exception cref="KubernetesApiException">
    /// 400: bad selector; 422: options that exclude each other; 500: no version. Thrown while enumerating: 410: the version is too old; 504: the initial events are wanted from the future.
    /// </exception>
    public IAsyncEnumerable<StoreEvent> Watch(ResourceKind kind, string? ns, WatchQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(query);
        RefuseContradictions(query);
        if (query.ResourceVersion is { Length: > 0 } version && !ulong.TryParse(version, out _))
        {
            throw ApiError.Failure(VersionFault(version));
        }

        return WatchAsync(kind, query, ObjectSelection.Of(kind, ns, query.LabelSelector, query.FieldSelector), cancellationToken);
    }

    async IAsyncEnumerable<StoreEvent> WatchAsync(ResourceKind kind, WatchQuery query, ObjectSelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var started = _options.Time.GetTimestamp();
        var bookmarked = started;
        var (at, existing) = StartWatch(kind, query, selection);
        foreach (var stored in existing)
        {
            yield return new StoreEvent(WatchEventType.Added, stored, stored.ResourceVersion);
        }

        if (query is { InitialEvents: true, Bookmarks: true })
        {
            yield return new StoreEvent(WatchEventType.Bookmark, null, at, EndsInitial: true);
        }

        while (!cancellationToken.IsCancellationRequested)
        {
            var (changes, next, appended, served) = ChangesAfter(kind, at);
            foreach (var change in changes)
            {
                at = change.ResourceVersion;
                if (EventOf(kind, selection, change) is { } seen)
                {
                    yield return seen;
                }
            }

            if (changes.Count == Batch)
            {
                continue;
            }

            at = Math.Max(at, next);
            var untilEnd = query.Timeout is { } timeout ? timeout - _options.Time.GetElapsedTime(started) : Timeout.InfiniteTimeSpan;
            if (!served || (query.Timeout is not null && untilEnd <= TimeSpan.Zero))
            {
                break;
            }

            var untilBookmark = _options.BookmarkInterval - _options.Time.GetElapsedTime(bookmarked);
            if (query.Bookmarks && untilBookmark <= TimeSpan.Zero)
            {
                bookmarked = _options.Time.GetTimestamp();
                yield return new StoreEvent(WatchEventType.Bookmark, null, at);
                continue;
            }

            var patience = query.Bookmarks && (query.Timeout is null || untilBookmark < untilEnd) ? untilBookmark : untilEnd;
            await Next(appended, patience, cancellationToken);
        }

        if (query.Bookmarks && !cancellationToken.IsCancellationRequested)
        {
            yield return new StoreEvent(WatchEventType.Bookmark, null, at);
        }
    }

    (long At, IReadOnlyList<StoredObject> Existing) StartWatch(ResourceKind kind, WatchQuery query, ObjectSelection selection)
    {
        lock (_gate)
        {
            var collection = CollectionOf(kind);
            var asked = ReadVersion(query.ResourceVersion);
            if (query.InitialEvents is true)
            {
                RefuseFuture(asked);
            }
            else if (asked is { } version and > 0)
            {
                return version < collection.Log.CompactedTo ? throw ApiError.TooOld(version, collection.Log.CompactedTo) : (version, []);
            }

            var (objects, at) = StateAt(kind, query.AsOf);
            return (at, query.InitialEvents is false ? [] : [.. objects.Values.Select(kind.View).Where(stored => selection.Matches(stored.Json))]);
        }
    }

    static void RefuseContradictions(WatchQuery query)
    {
        var errors = new List<FieldError>();
        if (query.InitialEvents is not null)
        {
            if (query.Match is not VersionMatch.NotOlderThan)
            {
                errors.Add(FieldError.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
            }

            if (query.Match is VersionMatch.Exact)
            {
                errors.Add(FieldError.NotSupported("resourceVersionMatch", "Exact", ["\"NotOlderThan\""]));
            }
        }
        else if (query.Match is not null)
        {
            errors.Add(FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        }

        if (errors.Count > 0)
        {
            throw ApiError.InvalidOptions("ListOptions", errors);
        }
    }

    (List<LoggedChange> Changes, long Next, Task Appended, bool Served) ChangesAfter(ResourceKind kind, long version)
    {
        lock (_gate)
        {
            var log = CollectionOf(kind).Log;
            // A custom kind that changed is another one: who watches lists again, and sees its objects as they are now.
            var found = Kinds.Find(kind.Kind.Group, kind.Kind.Version, kind.Kind.Plural);
            var served = kind.IsCustom ? ReferenceEquals(found, kind) : found is not null;
            return (log.After(version, Batch), _version, log.Appended, served);
        }
    }

    static StoreEvent? EventOf(ResourceKind kind, ObjectSelection selection, LoggedChange change)
    {
        var before = change.Before is { } old ? kind.View(old) : null;
        var after = change.After is { } now ? kind.View(now) : null;
        var matched = before is not null && selection.Matches(before.Json);
        var matches = after is not null && selection.Matches(after.Json);
        return (matched, matches) switch
        {
            (false, true) => new StoreEvent(WatchEventType.Added, after, change.ResourceVersion),
            (true, true) => new StoreEvent(WatchEventType.Modified, after, change.ResourceVersion),
            (true, false) => new StoreEvent(WatchEventType.Deleted, WithVersion(before!, change.ResourceVersion), change.ResourceVersion),
            _ => null,
        };
    }

    // A deletion is a write too: who resumes from the object it reported must not see it again.
    static StoredObject WithVersion(StoredObject stored, long version)
    {
        var json = stored.Json.Clone();
        Meta.Of(json)["resourceVersion"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new StoredObject(json, version);
    }

    async Task Next(Task appended, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await appended.WaitAsync(patience, _options.Time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The loop finds out which of the two it was.
        }
    }
}
