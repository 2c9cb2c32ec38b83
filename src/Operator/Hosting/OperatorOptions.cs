using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Operator.Hosting;

/// <summary>How the operator is to run.</summary>
sealed record OperatorOptions
{
    public required KubernetesConfiguration Kubernetes { get; init; }

    /// <summary>The namespaces whose clusters are looked after; none means all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>The namespaces in words.</summary>
    public string Scope => Namespaces.Count == 0 ? "all namespaces" : string.Join(", ", Namespaces);

    /// <summary>Whether to work only while holding the lease.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>Where the lease is.</summary>
    public required string LeaderElectionNamespace { get; init; }

    /// <summary>The port of /healthz and /readyz; 0 for none.</summary>
    public int HealthPort { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
