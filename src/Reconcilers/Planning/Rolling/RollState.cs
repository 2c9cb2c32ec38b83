using Slotwise.Entities;
using Slotwise.Kubernetes.Apply;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Status;

namespace Slotwise.Reconcilers.Planning.Rolling;

/// <summary>How far the pods are made from what the spec says now. Nothing here decides anything.</summary>
public sealed class RollState
{
    readonly ClusterView _view;

    RollState(ClusterView view, IReadOnlyList<ShardRoll> shards)
    {
        _view = view;
        Shards = shards;
    }

    /// <summary>The wanted shards that have a StatefulSet, by index.</summary>
    public IReadOnlyList<ShardRoll> Shards { get; }

    /// <summary>How many pods are to be replaced.</summary>
    public int PodsLeft => Shards.Sum(shard => shard.Outdated.Count);

    /// <summary>Why; null when nothing is due.</summary>
    public string? Reason => Shards.FirstOrDefault(shard => shard.IsDue)?.Reason;

    public static RollState Of(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new RollState(view,
        [
            .. from shard in Enumerable.Range(0, view.Spec.Shards)
               let set = view.StatefulSet(shard)
               where set is { Metadata.DeletionTimestamp: null, Spec: not null }
               select OfShard(view, shard, set),
        ]);
    }

    /// <summary>Whether a pod that was made from a template of this stamp is up and does its work: the next one will be, too.</summary>
    public bool IsProven(string? stamp) => stamp is not null && _view.Members.Any(member =>
        PodTemplates.StampOf(member.Pod.Pod.Metadata) == stamp && NodeHealth.IsReady(_view, member) && ServerVersion.Of(member.Server.Info)?.IsSupported != false);

    /// <summary>
    /// The template for a shard that has no StatefulSet: what the spec says, but while that has not come up anywhere yet, the newest template that has. A bad
    /// image then keeps no shard from coming back.
    /// </summary>
    public V1PodTemplateSpec TemplateForNew(int shard)
    {
        var wanted = PodTemplates.Build(_view.Observation.Cluster, shard, new TemplateExtras(RequestedRestart(_view), _view.Config.FixedLines()));
        if (IsProven(PodTemplates.StampOf(wanted.Metadata)))
        {
            return wanted;
        }

        var proven = Shards
            .Where(other => IsProven(other.LiveStamp))
            .OrderByDescending(other => other.IsTemplateCurrent)
            .Select(other => other.Set.Spec!.Template)
            .FirstOrDefault();
        return proven is null ? wanted : PodTemplates.ForShard(proven, shard);
    }

    static ShardRoll OfShard(ClusterView view, int shard, V1StatefulSet set)
    {
        var live = set.Spec!.Template;

        // Whoever takes his request back does not ask for another restart.
        var restart = RequestedRestart(view) ?? live.Metadata?.Annotations?.GetValueOrDefault(RedisClusterAnnotations.Restart);
        var template = view.Invalid.Count > 0 ? live : PodTemplates.Build(view.Observation.Cluster, shard, new TemplateExtras(restart, view.Config.FixedLines()));
        var isCurrent = PodTemplates.StampOf(live.Metadata) == PodTemplates.StampOf(template.Metadata)
            && DesiredState.IsSatisfiedBy(template.Whole is null ? template : template with { Whole = null }, live, KubernetesJson.Default.V1PodTemplateSpec);
        var pods = view.Observation.Pods.Where(pod => pod.Shard == shard && pod.Ordinal < view.Spec.NodesPerShard).ToList();
        return new ShardRoll(shard, set, template, isCurrent, pods, pods.Count < Math.Min(view.Spec.NodesPerShard, set.Spec.Replicas ?? 1));
    }

    static string? RequestedRestart(ClusterView view) => view.Observation.Cluster.Metadata.Annotations?.GetValueOrDefault(RedisClusterAnnotations.Restart);
}
