using Slotwise.Kubernetes.Api;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Redis;

namespace Slotwise.Simulation.Mutants;

/// <summary>
/// An operator with one fault, made at its ports: the laws must find it. What they do not find in a mutant they would not find in the operator either.
/// </summary>
/// <param name="Name">A few words.</param>
/// <param name="Fault">What it does wrong.</param>
public sealed record Mutant(string Name, string Fault)
{
    /// <summary>Changes what is observed or decided. Made anew for every run.</summary>
    public Func<Func<ClusterObservation, Plan>, Func<ClusterObservation, Plan>>? Plan { get; init; }

    /// <summary>Changes what is asked of servers, or what they answer. Made anew for every process of the operator.</summary>
    public Func<IRedisNodes, IRedisNodes>? Redis { get; init; }

    /// <summary>Changes what is asked of the API server. Made anew for every process of the operator.</summary>
    public Func<IKubernetesApi, IKubernetesApi>? Kubernetes { get; init; }

    /// <summary>Whether the start script lets every server start at once, whatever it lost.</summary>
    public bool StartsAlways { get; init; }
}
