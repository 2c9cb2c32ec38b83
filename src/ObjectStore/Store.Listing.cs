using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Slotwise.ObjectStore;

public sealed partial class Store
{
    const string PageExpired =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, "
        + "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an "
        + "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

    /// <summary>Lists one page, in the order of namespaces and names.</summary>
    /// <param name="kind">Which objects.</param>
    /// <param name="ns">Null: all namespaces.</param>
    /// <param name="query">The selection, the page and the version.</param>
    /// <exception cref="KubernetesApiException">400: bad selector or token; 410: the version of the token, or the one asked for, is forgotten; 422: options that exclude each other; 504: the version lies in the future.</exception>
    public ListResult List(ResourceKind kind, string? ns, ListQuery query)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(query);
        var selection = ObjectSelection.Of(kind, ns, query.LabelSelector, query.FieldSelector);
        RefuseContradictions(query);
        var limit = query.Limit is > 0 ? query.Limit.Value : int.MaxValue;
        ImmutableSortedDictionary<NamespacedName, StoredObject> objects;
        long version;
        NamespacedName? after = null;
        lock (_gate)
        {
            if (query.Continue is { Length: > 0 } text)
            {
                var token = ContinueToken.Read(text, kind, ns);
                (objects, version) = token.Version < 0 ? Newest(kind) : (Page(kind, ns, token), token.Version);
                after = token.After;
            }
            else
            {
                (objects, version) = AtVersion(kind, query, limit < int.MaxValue);
                // A list from any version is one from the cache, which knows no pages.
                limit = query.ResourceVersion == "0" ? int.MaxValue : limit;
            }
        }

        var page = new List<StoredObject>();
        var matching = 0L;
        foreach (var (key, found) in objects)
        {
            if ((after is { } start && key <= start) || !selection.Includes(key))
            {
                continue;
            }

            var stored = kind.View(found);
            if (selection.Matches(stored.Json) && ++matching <= limit)
            {
                page.Add(stored);
            }
        }

        return new ListResult(
            page,
            version,
            matching > page.Count ? new ContinueToken(version, page[^1].Key).Write(ns) : null,
            matching > page.Count && !selection.IsSelective ? matching - page.Count : null);
    }

    (ImmutableSortedDictionary<NamespacedName, StoredObject> Objects, long Version) Newest(ResourceKind kind) => (CollectionOf(kind).Objects, _version);

    // See "The resourceVersion Parameter" in the Kubernetes API concepts. Without a match, a limit asks for exactly the version.
    (ImmutableSortedDictionary<NamespacedName, StoredObject> Objects, long Version) AtVersion(ResourceKind kind, ListQuery query, bool limited)
    {
        var asked = ReadVersion(query.ResourceVersion);
        RefuseFuture(asked);
        if (query.AsOf is not null)
        {
            return StateAt(kind, query.AsOf);
        }

        var exactly = query.Match is VersionMatch.Exact || (query.Match is null && limited);
        return exactly && asked is { } version and > 0
            ? (At(kind, version) ?? throw ApiError.Expired("The resourceVersion for the provided list is too old."), version)
            : Newest(kind);
    }

    /// <summary>The objects of a kind as they were at a version; as they are when that is forgotten.</summary>
    (ImmutableSortedDictionary<NamespacedName, StoredObject> Objects, long Version) StateAt(ResourceKind kind, long? version) =>
        version is { } then && then < _version && At(kind, then) is { } earlier ? (earlier, then) : Newest(kind);

    ImmutableSortedDictionary<NamespacedName, StoredObject> Page(ResourceKind kind, string? ns, ContinueToken token)
    {
        if (At(kind, token.Version) is { } objects)
        {
            return objects;
        }

        var refusal = ApiError.Expired(PageExpired);
        throw new KubernetesApiException(HttpStatusCode.Gone, refusal.Status with { Metadata = new V1ListMeta { Continue = (token with { Version = -1 }).Write(ns) } });
    }

    /// <summary>The objects of a kind as they were; null when what happened since is forgotten.</summary>
    ImmutableSortedDictionary<NamespacedName, StoredObject>? At(ResourceKind kind, long version)
    {
        var collection = CollectionOf(kind);
        if (version < collection.Log.CompactedTo)
        {
            return null;
        }

        var objects = collection.Objects;
        foreach (var change in collection.Log.NewestUntil(version))
        {
            objects = change.Before is { } before ? objects.SetItem(before.Key, before) : objects.Remove(change.After!.Key);
        }

        return objects;
    }

    static void RefuseContradictions(ListQuery query)
    {
        var asked = query.ResourceVersion is { Length: > 0 };
        var continued = query.Continue is { Length: > 0 };
        if (query.Match is not null)
        {
            if (!asked)
            {
                throw ApiError.InvalidOptions("ListOptions", FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"));
            }

            if (continued)
            {
                throw ApiError.InvalidOptions("ListOptions", FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
            }

            if (query is { Match: VersionMatch.Exact, ResourceVersion: "0" })
            {
                throw ApiError.InvalidOptions("ListOptions", FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
            }
        }

        if (continued && asked && query.ResourceVersion != "0")
        {
            throw ApiError.BadRequest("specifying resource version is not allowed when using continue");
        }
    }

    void RefuseFuture(long? asked)
    {
        if (asked > _version)
        {
            throw ApiError.Of(HttpStatusCode.GatewayTimeout, "Timeout", $"Timeout: Too large resource version: {asked}, current: {_version}", new V1StatusDetails
            {
                RetryAfterSeconds = 1,
                Causes = [new V1StatusCause { Reason = "ResourceVersionTooLarge", Message = "Too large resource version" }],
            });
        }
    }

    static long? ReadVersion(string? version) => version is null or ""
        ? null
        : ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (long)Math.Min(number, long.MaxValue)
            : throw ApiError.BadRequest($"invalid resource version: {VersionFault(version)}");

    static string VersionFault(string version) => $"resourceVersion: Invalid value: \"{version}\": strconv.ParseUint: parsing \"{version}\": invalid syntax";
}
