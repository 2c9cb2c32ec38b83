using System.ComponentModel.DataAnnotations;

namespace Slotwise.Entities;

/// <summary>How clients outside of the Kubernetes cluster reach the servers: each server needs an address of its own.</summary>
public sealed record RedisClusterAccess
{
    /// <summary>Internal gives none; NodePort and LoadBalancer make a Service of that type for every pod, whose address the server announces.</summary>
    public AccessType Type { get; init; }

    /// <summary>Annotations of these Services.</summary>
    [MaxLength(64)]
    public IReadOnlyDictionary<string, string>? ServiceAnnotations { get; init; }

    /// <summary>The class of the load balancers.</summary>
    [StringLength(253, MinimumLength = 1)]
    public string? LoadBalancerClass { get; init; }

    /// <summary>The name that each server announces instead of its address, with {pod} for the pod's name, such as {pod}.redis.example.com.</summary>
    [StringLength(253, MinimumLength = 1)]
    public string? AnnounceHostname { get; init; }
}

/// <summary>The ways to reach the servers.</summary>
public enum AccessType
{
    Internal,
    NodePort,
    LoadBalancer,
}
