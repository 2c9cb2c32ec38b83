using System.ComponentModel.DataAnnotations;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Entities;

/// <summary>Where the pods may run. A change replaces the pods, except one of respread.</summary>
public sealed record RedisClusterScheduling
{
    /// <summary>Labels that a host must carry.</summary>
    [MaxLength(64)]
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>Taints of hosts that the pods tolerate.</summary>
    [MaxLength(64)]
    public IReadOnlyList<V1Toleration>? Tolerations { get; init; }

    /// <summary>Attraction to and repulsion from hosts and pods, beside what hosts and zones ask for.</summary>
    public V1Affinity? Affinity { get; init; }

    /// <summary>Rules of spreading, beside what hosts and zones ask for.</summary>
    [MaxLength(16)]
    public IReadOnlyList<V1TopologySpreadConstraint>? TopologySpreadConstraints { get; init; }

    /// <summary>The priority class of the pods.</summary>
    [StringLength(253, MinimumLength = 1)]
    public string? PriorityClassName { get; init; }

    /// <summary>Whether pods of one shard are kept on different hosts: if possible, always (a pod waits until a host is free), or not.</summary>
    public Spread Hosts { get; init; }

    /// <summary>Whether pods of one shard are kept in different zones: if possible, always (a pod waits until a zone is free), or not.</summary>
    public Spread Zones { get; init; }

    /// <summary>Whether masters that failovers brought together on one host or in one zone are spread again, by handing over when nothing else is to be done.</summary>
    public bool Respread { get; set; } = true;
}

/// <summary>How strictly pods are kept apart.</summary>
public enum Spread
{
    Preferred,
    Required,
    None,
}
