using System.ComponentModel.DataAnnotations;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities;

/// <summary>An exporter of metrics beside every server.</summary>
public sealed record RedisClusterMetrics
{
    /// <summary>Whether every pod runs an exporter.</summary>
    public bool Enabled { get; init; }

    /// <summary>The exporter's image.</summary>
    [StringLength(1024, MinimumLength = 1)]
    public string? Image { get; init; }

    /// <summary>The port on which the exporter serves /metrics, 1024 to 65535.</summary>
    [Range(1024, 65535)]
    public int Port { get; set; } = 9121;

    /// <summary>Processor and memory of each exporter.</summary>
    public V1ResourceRequirements? Resources { get; init; }
}
