namespace Slotwise.Kubernetes.Models;

/// <summary>What the API server answers when it refuses, and for some requests when it did what was asked.</summary>
public sealed record V1Status
{
    public string ApiVersion { get; init => field = value ?? "v1"; } = "v1";

    public string Kind { get; init => field = value ?? "Status"; } = "Status";

    public V1ListMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary><c>Success</c> or <c>Failure</c>.</summary>
    public string? Status { get; init; }

    public string? Message { get; init; }

    /// <summary>In one CamelCase word, such as <c>NotFound</c>, <c>Conflict</c>, <c>Invalid</c>.</summary>
    public string? Reason { get; init; }

    public V1StatusDetails? Details { get; init; }

    public int? Code { get; init; }
}

public sealed record V1StatusDetails
{
    public string? Name { get; init; }

    public string? Group { get; init; }

    public string? Kind { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<V1StatusCause>? Causes { get; init; }

    public int? RetryAfterSeconds { get; init; }
}

public sealed record V1StatusCause
{
    /// <summary>The reason why nothing can be created in a namespace that is being deleted.</summary>
    public const string NamespaceTerminating = "NamespaceTerminating";

    public string? Reason { get; init; }

    public string? Message { get; init; }

    /// <summary>The field at fault, such as <c>spec.shards</c>.</summary>
    public string? Field { get; init; }
}

/// <summary>The version of a list, and where its next page starts.</summary>
public sealed record V1ListMeta
{
    public string? ResourceVersion { get; init; }

    public string? Continue { get; init; }

    public long? RemainingItemCount { get; init; }
}
