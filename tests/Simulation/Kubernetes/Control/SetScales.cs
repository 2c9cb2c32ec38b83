using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Budgets;
using Slotwise.LocalKubernetes.Controllers.Ownership;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;

namespace Slotwise.Simulation.Kubernetes.Control;

/// <summary>How many pods the StatefulSets of some pods ask for.</summary>
sealed class SetScales(IObjectCache<StatefulSetDocument> sets) : IControllerScales
{
    public Task<int> SumAsync(string ns, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var sum = 0;
        foreach (var (pod, owner) in pods.Select(pod => (pod, OwnerReference.ControllerOf(pod))).Where(pair => pair.Item2 is not null).DistinctBy(pair => pair.Item2!.Uid))
        {
            sum += sets.Get(new NamespacedName(ns, owner!.Name)) is { } set && set.Metadata.Uid == owner.Uid
                ? set.Spec.Replicas ?? 1
                : throw new ScaleException($"found no controllers for pod \"{pod.Metadata.Name}\"");
        }

        return Task.FromResult(sum);
    }
}
