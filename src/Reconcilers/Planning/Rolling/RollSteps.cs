using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rolling;

/// <summary>The two things that are done to Kubernetes objects when pods are replaced.</summary>
public static class RollSteps
{
    /// <summary>The template of the shard's StatefulSet becomes the wanted one. All else of it stays: how many pods it has is decided elsewhere, and its claims cannot be changed.</summary>
    public static ChangeTemplate ChangeTemplate(ClusterView view, ShardRoll shard)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(shard);
        var wanted = StatefulSets.Build(view.Observation.Cluster, shard.Shard);
        var desired = wanted with
        {
            Metadata = wanted.Metadata with { Annotations = new SortedDictionary<string, string>(StringComparer.Ordinal) { [ClusterMetadata.UpdateAnnotation] = shard.Reason } },
            Spec = wanted.Spec! with
            {
                Template = shard.Template,
                Replicas = shard.Set.Spec!.Replicas,
                VolumeClaimTemplates = shard.Set.Spec.VolumeClaimTemplates is { } claims ? [.. claims.Select(claim => claim with { Status = null })] : null,
            },
        };
        return new ChangeTemplate(desired, StatefulSetReference.Of(shard.Set), shard.Set.Metadata.Generation, shard.Reason);
    }

    public static ReplacePod Replace(ClusterView view, ShardRoll shard, PodObservation pod)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(pod);
        var member = view.Members.FirstOrDefault(member => member.Pod == pod);
        return new ReplacePod(view.Observation.Key.Namespace, pod.Name, pod.Uid, member is null ? pod.Pod.Metadata.ResourceVersion : null, member?.Party, shard.Reason);
    }
}
