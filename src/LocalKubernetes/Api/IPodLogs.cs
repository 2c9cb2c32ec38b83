namespace Slotwise.LocalKubernetes.Api;

/// <summary>Where the API server gets the output of containers from: whoever runs them.</summary>
public interface IPodLogs
{
    /// <summary>The lines that are there, oldest first, and with <see cref="PodLogQuery.Follow"/> those that come until the container ends.</summary>
    /// <exception cref="Kubernetes.Api.KubernetesApiException">400: the container has not started, or has no previous run.</exception>
    IAsyncEnumerable<PodLogLine> ReadAsync(PodLogQuery query, CancellationToken cancellationToken);
}

/// <summary>Which lines are wanted.</summary>
public sealed record PodLogQuery
{
    public required string Namespace { get; init; }

    public required string Pod { get; init; }

    public required string PodUid { get; init; }

    public required string Container { get; init; }

    /// <summary>Of the run before the present one.</summary>
    public bool Previous { get; init; }

    public bool Follow { get; init; }

    /// <summary>Only so many of the lines that are there.</summary>
    public long? TailLines { get; init; }

    /// <summary>Only lines written at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Why the container does not run, as its status says; null when it says nothing.</summary>
    public string? WaitingReason { get; init; }
}

/// <summary>One line of output, without its line break.</summary>
public sealed record PodLogLine(DateTimeOffset Time, string Text);
