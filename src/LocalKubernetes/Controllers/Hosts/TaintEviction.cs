using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Events;

namespace Slotwise.LocalKubernetes.Controllers.Hosts;

/// <summary>Deletes pods from hosts with a NoExecute taint that they do not tolerate, or no longer. On a host that is lost nobody confirms it: they stay Terminating.</summary>
public sealed class TaintEviction(IKubernetesApi api, IObjectCache<V1Pod> pods, IObjectCache<V1Node> nodes, EventRecorder events, TimeProvider time) : IEntityController<V1Pod>
{
    // since when a pod has stood taints that it tolerates for a time; forgotten with the process, as in Kubernetes
    readonly Dictionary<string, DateTimeOffset> _since = [];

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Get(key) is not { } pod)
        {
            return default;
        }

        var uid = pod.Metadata.Uid ?? "";
        if (pod.Metadata.DeletionTimestamp is not null || pod.Spec?.NodeName is not { Length: > 0 } host || nodes.Get(new NamespacedName("", host)) is not { } node)
        {
            _since.Remove(uid);
            return default;
        }

        if (Wait(pod.Spec, node) is not { } wait)
        {
            if (_since.Remove(uid))
            {
                events.Normal(pod, "TaintManagerEviction", $"Cancelling deletion of Pod {key}");
            }

            return default;
        }

        var now = time.GetUtcNow();
        if (!_since.TryGetValue(uid, out var since))
        {
            _since[uid] = since = now;
        }

        if (since + wait > now)
        {
            return new ReconcileResult(since + wait - now);
        }

        await EvictAsync(pod, now, cancellationToken);
        _since.Remove(uid);
        return default;
    }

    /// <summary>How long a pod may stay; null for ever. Pure.</summary>
    public static TimeSpan? Wait(V1PodSpec spec, V1Node node)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(node);
        var seconds = new List<long>();
        foreach (var taint in (node.Spec?.Taints ?? []).Where(taint => taint.Effect == "NoExecute"))
        {
            if ((spec.Tolerations ?? []).FirstOrDefault(toleration => Taints.Tolerates(toleration, taint)) is not { } used)
            {
                return TimeSpan.Zero;
            }

            if (used.TolerationSeconds is { } limit)
            {
                seconds.Add(Math.Max(0, limit));
            }
        }

        return seconds.Count == 0 ? null : TimeSpan.FromSeconds(seconds.Min());
    }

    async Task EvictAsync(V1Pod pod, DateTimeOffset now, CancellationToken cancellationToken)
    {
        events.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {NamespacedName.Of(pod)}");
        var condition = new V1PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "DeletionByTaintManager", Message = "Taint manager: deleting due to NoExecute taint" };
        try
        {
            await PodConditions.SetAsync(api, pod, condition, null, now, cancellationToken);
            await api.DeleteAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name!, new DeleteOptions { PreconditionUid = pod.Metadata.Uid }, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // gone already
        }
    }
}
