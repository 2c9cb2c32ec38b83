using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Hosts;

/// <summary>Removes pods that no kubelet will end any more: those of hosts whose Node is gone, those that end on a host out of service, those that were deleted before they had a host. kube-controller-manager's podgc.</summary>
public sealed class PodCollector(IKubernetesApi api, IObjectCache<V1Node> nodes, IObjectCache<V1Pod> pods, HostDelays delays, TimeProvider time)
{
    readonly Dictionary<string, DateTimeOffset> _missing = [];

    /// <summary>Looks again and again until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(delays.Collect, time, cancellationToken);
                await CollectAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the end
        }
    }

    async Task CollectAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var hosts = nodes.List().ToDictionary(node => node.Metadata.Name!);
        var bound = pods.List().Select(pod => pod.Spec?.NodeName).OfType<string>().Where(name => name.Length > 0).ToHashSet();
        foreach (var name in _missing.Keys.Where(name => hosts.ContainsKey(name) || !bound.Contains(name)).ToList())
        {
            _missing.Remove(name);
        }

        foreach (var name in bound.Where(name => !hosts.ContainsKey(name)))
        {
            _missing.TryAdd(name, now);
        }

        foreach (var pod in pods.List())
        {
            var host = pod.Spec?.NodeName ?? "";
            if (_missing.TryGetValue(host, out var since) && now - since >= delays.Quarantine)
            {
                var condition = new V1PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "DeletionByPodGC", Message = "PodGC: node no longer exists" };
                await RemoveAsync(pod, condition, now, cancellationToken);
            }
            else if (pod.Metadata.DeletionTimestamp is not null && (host.Length == 0 || (hosts.TryGetValue(host, out var node) && IsOutOfService(node))))
            {
                await RemoveAsync(pod, null, now, cancellationToken);
            }
        }
    }

    static bool IsOutOfService(V1Node node) => !Taints.IsReady(node) && (node.Spec?.Taints ?? []).Any(taint => taint.Key == Taints.OutOfService);

    async Task RemoveAsync(V1Pod pod, V1PodCondition? condition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            if (pod.Status?.Phase is not ("Succeeded" or "Failed"))
            {
                await PodConditions.SetAsync(api, pod, condition, "Failed", now, cancellationToken);
            }

            await api.DeleteAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = pod.Metadata.Uid }, cancellationToken);
        }
        catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException)
        {
            // gone, or the next look
        }
    }
}
