using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 2 as well: the pods that the objects above shall bring about. It only waits, and says what keeps them from being there in the words of
/// Kubernetes and of the servers.
/// </summary>
public static class Pods
{
    const string WaitingForPods = "WaitingForPods";

    /// <summary>Pods are heard of through the API server; this is for the case that nothing is heard.</summary>
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new RungAnswer([], [.. Waits(view)], []);
    }

    static IEnumerable<Wait> Waits(ClusterView view)
    {
        for (var shard = 0; shard < view.Spec.Shards; shard++)
        {
            if (view.StatefulSet(shard) is null)
            {
                continue;
            }

            for (var ordinal = 0; ordinal < view.Spec.NodesPerShard; ordinal++)
            {
                var name = ClusterNames.Pod(view.Observation.Key.Name, shard, ordinal);
                switch (view.Observation.Pod(shard, ordinal))
                {
                    case null:
                        yield return new Wait(WaitingForPods, $"{name} does not exist yet", Slow);
                        break;
                    case { IsTerminating: true } ending:
                        yield return new Wait(WaitingForPods, $"{name} is being deleted{OnLostHost(view, ending)}", Slow);
                        break;
                    case { Server: null } pod:
                        yield return new Wait(ReasonOf(pod), $"{name}: {Unschedulable(pod) ?? pod.Silence}{OnUnboundClaim(view, pod)}", LookAgain(pod, view));
                        break;
                    case { IsReady: false }:
                        // Its server answers and tells better than a probe how it is.
                        yield return new Wait(WaitingForPods, $"{name} is not ready for the kubelet yet", Slow) { IsLocal = true };
                        break;
                }
            }
        }
    }

    /// <summary>Kubernetes does not replace a pod whose end nobody confirms.</summary>
    static string OnLostHost(ClusterView view, PodObservation pod) => view.Observation.Host(pod.Host) is { IsReady: false, IsOutOfService: false } host
        ? $", but its host {host.Name} does not report: if it is off for good, delete its Node or taint it with node.kubernetes.io/out-of-service=nodeshutdown:NoExecute, so that the pod is replaced"
        : "";

    /// <summary>The scheduler says neither which claim it is nor that it may be waited for in vain.</summary>
    static string OnUnboundClaim(ClusterView view, PodObservation pod) =>
        Unschedulable(pod)?.Contains("unbound immediate PersistentVolumeClaims", StringComparison.Ordinal) == true && Claims.Of(view.Observation, pod.Name) is { Status.Phase: not "Bound" } claim
            ? $" Claim {claim.Metadata.Name} has no volume; its class (spec.storage.storageClassName) is {claim.Spec?.StorageClassName ?? "none, as the Kubernetes cluster has no default one"}: "
                + $"kubectl describe pvc {claim.Metadata.Name} -n {claim.Metadata.NamespaceProperty} says why. A class cannot be changed: make that one work, or delete the RedisCluster and its claims and make it with another one"
            : "";

    /// <summary>Such as <c>ErrImagePull</c>: the printed status then says what is wrong without anybody having to look at the pods.</summary>
    static string ReasonOf(PodObservation pod) =>
        pod.Container?.State?.Waiting?.Reason is { Length: > 0 } reason and not ("ContainerCreating" or "PodInitializing") ? reason
        : Unschedulable(pod) is not null ? "Unschedulable"
        : WaitingForPods;

    static string? Unschedulable(PodObservation pod) =>
        pod.Pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" })?.Message;

    static TimeSpan LookAgain(PodObservation pod, ClusterView view) =>
        pod.Container?.State?.Running?.StartedAt is { } started ? ClusterView.Backoff(view.Observation.At - started) : Slow;
}
