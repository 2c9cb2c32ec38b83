using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Controllers.Hosts;

/// <summary>Brings a host's taints into agreement with its conditions and its cordon at once, so that nothing is scheduled there meanwhile. Eviction waits for <see cref="HostMonitor"/>.</summary>
public sealed class HostTaints(IKubernetesApi api, IObjectCache<V1Node> nodes, TimeProvider time) : IEntityController<V1Node>
{
    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (nodes.Get(key) is not { } node)
        {
            return default;
        }

        var evicts = (node.Spec?.Taints ?? []).Any(taint => taint is { Effect: "NoExecute", Key: Taints.NotReady or Taints.Unreachable });
        var taints = Taints.Of(node, evicts, time.GetUtcNow());
        if (!taints.SequenceEqual(node.Spec?.Taints ?? []))
        {
            await Taints.WriteAsync(api, node, taints, cancellationToken);
        }

        return default;
    }
}
