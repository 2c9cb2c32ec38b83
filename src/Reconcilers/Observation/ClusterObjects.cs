using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Observation;

/// <summary>What the caches hold of a cluster's Kubernetes objects.</summary>
public sealed record ClusterObjects
{
    public IReadOnlyList<V1Service> Services { get; init; } = [];

    public IReadOnlyList<V1ConfigMap> ConfigMaps { get; init; } = [];

    public IReadOnlyList<V1Secret> Secrets { get; init; } = [];

    public IReadOnlyList<V1NetworkPolicy> NetworkPolicies { get; init; } = [];

    public IReadOnlyList<V1PodDisruptionBudget> DisruptionBudgets { get; init; } = [];

    public IReadOnlyList<V1StatefulSet> StatefulSets { get; init; } = [];

    public IReadOnlyList<V1PersistentVolumeClaim> Claims { get; init; } = [];
}
