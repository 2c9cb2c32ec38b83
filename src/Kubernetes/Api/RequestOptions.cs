namespace Slotwise.Kubernetes.Api;

/// <summary>Which objects of a collection to read, and how many at once.</summary>
public sealed record ListOptions
{
    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Objects a page.</summary>
    public int? Limit { get; init; } = 500;

    public string? Continue { get; init; }

    /// <summary>Null: the newest state; <c>0</c>: whatever the server has at hand.</summary>
    public string? ResourceVersion { get; init; }
}

/// <summary>Which changes of a collection to follow.</summary>
public sealed record WatchOptions
{
    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    public required string ResourceVersion { get; init; }

    /// <summary>How long the server keeps the watch open.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>Who applies, and to what part of the object.</summary>
public sealed record ApplyOptions
{
    /// <summary>The name under which the server records which fields are ours.</summary>
    public required string FieldManager { get; init; }

    /// <summary>Whether to take fields over that another manager owns; without it they are a conflict (409).</summary>
    public bool Force { get; init; } = true;

    /// <summary>Such as <c>status</c>; null for the object itself.</summary>
    public string? Subresource { get; init; }
}

/// <summary>Preconditions of a deletion and what becomes of dependents.</summary>
public sealed record DeleteOptions
{
    /// <summary>Refuses (409) to delete another object of the same name.</summary>
    public string? PreconditionUid { get; init; }

    public string? PreconditionResourceVersion { get; init; }

    public long? GracePeriodSeconds { get; init; }

    /// <summary><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>; null for the kind's default.</summary>
    public string? PropagationPolicy { get; init; }
}
