using Slotwise.Kubernetes.Api;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Redis;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Kubernetes;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Operators;

/// <summary>What operators are put into.</summary>
public sealed record OperatorWorld
{
    public required Simulator Simulator { get; init; }

    public required SimulatedKubernetes Kubernetes { get; init; }

    /// <summary>The Redis nodes as a process at an address reaches them.</summary>
    public required Func<Process, string, IRedisNodes> ConnectRedis { get; init; }

    /// <summary>Puts something between a process and the API server; null for nothing.</summary>
    public Func<Process, IKubernetesApi, IKubernetesApi>? WrapApi { get; init; }

    /// <summary>Decides what a pass does; null for the planner itself.</summary>
    public Func<ClusterObservation, Plan>? Plan { get; init; }

    /// <summary>Whether one leads at a time. Without, two work side by side.</summary>
    public bool ElectsLeaders { get; init; }

    /// <summary>Whether events are written to the API server, which nothing depends on.</summary>
    public bool WritesEvents { get; init; } = true;
}
