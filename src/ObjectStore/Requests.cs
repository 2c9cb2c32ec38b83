namespace Slotwise.ObjectStore;

/// <summary>What happens to fields that a schema does not know, see the <c>fieldValidation</c> query parameter.</summary>
public enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

public enum PatchType
{
    /// <summary>RFC 6902.</summary>
    Json,

    /// <summary>RFC 7386.</summary>
    Merge,

    /// <summary>Kubernetes' own, for built-in kinds.</summary>
    Strategic,

    /// <summary>Server-side apply.</summary>
    Apply,
}

/// <summary>Who writes, and how carefully.</summary>
public sealed record WriteOptions
{
    /// <summary>The name under which changed fields are recorded.</summary>
    public required string Manager { get; init; }

    /// <summary>Answers as if, and changes nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>For an apply: whether to take over fields that others own.</summary>
    public bool Force { get; init; }

    public FieldValidation Validation { get; init; } = FieldValidation.Warn;

    /// <summary>Paths of fields that the body gave more than once; the last one counts.</summary>
    public IReadOnlyList<string> DuplicateFields { get; init; } = [];

    /// <summary>Looks at the object as it will be stored, and as it was (null when it is being created); refuses the write by throwing.</summary>
    public Action<ResourceKind, JsonObject, JsonObject?>? Check { get; init; }

    /// <summary>Takes what admission has to say to the writer, also when the write is refused afterwards.</summary>
    public Action<string>? Warn { get; init; }
}

/// <summary>What a write made.</summary>
/// <param name="Object">As it is stored now.</param>
/// <param name="Created">Whether it did not exist before.</param>
/// <param name="Warnings">To be shown to the user.</param>
public sealed record WriteResult(StoredObject Object, bool Created, IReadOnlyList<string> Warnings);

/// <summary>What a deletion did: the object is gone, or it waits for its grace period or finalizers.</summary>
public sealed record DeleteResult(StoredObject Object, bool Gone);

/// <summary>Which objects to list.</summary>
public sealed record ListQuery
{
    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    public int? Limit { get; init; }

    public string? Continue { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>Lists what was there at this earlier version, as a cache does that is behind; null: what is there now.</summary>
    public long? AsOf { get; init; }

    public VersionMatch? Match { get; init; }
}

/// <summary>How the version of a list relates to the one that was asked for: <c>resourceVersionMatch</c>.</summary>
public enum VersionMatch
{
    NotOlderThan,
    Exact,
}

/// <summary>One page, all of it as of <paramref name="ResourceVersion"/>.</summary>
public sealed record ListResult(IReadOnlyList<StoredObject> Items, long ResourceVersion, string? Continue, long? Remaining);

/// <summary>Which changes to follow, from when, and for how long.</summary>
public sealed record WatchQuery
{
    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Null or <c>0</c>: what exists now comes first, as ADDED.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>When existing objects come first: as they were at this earlier version; null: as they are.</summary>
    public long? AsOf { get; init; }

    public bool Bookmarks { get; init; }

    /// <summary>
    /// Whether what exists comes first, and a bookmark that says so: <c>sendInitialEvents</c>, a watch instead of a list. False: only
    /// what happens from now on, or from the version. Null: it depends on the version.
    /// </summary>
    public bool? InitialEvents { get; init; }

    public VersionMatch? Match { get; init; }

    /// <summary>Null: until the caller stops.</summary>
    public TimeSpan? Timeout { get; init; }
}
