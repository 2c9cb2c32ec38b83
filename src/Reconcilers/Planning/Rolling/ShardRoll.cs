using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Planning.Rolling;

/// <summary>What a shard's pods are made from, and what they shall be made from.</summary>
/// <param name="Shard">Its index.</param>
/// <param name="Set">Its StatefulSet.</param>
/// <param name="Template">The pod template that it shall have.</param>
/// <param name="IsTemplateCurrent">Whether it has that template already.</param>
/// <param name="Pods">Its pods that are there, but for those above <c>replicasPerShard</c>, by ordinal.</param>
/// <param name="IsAnyMissing">Whether one of its pods does not exist.</param>
public sealed record ShardRoll(int Shard, V1StatefulSet Set, V1PodTemplateSpec Template, bool IsTemplateCurrent, IReadOnlyList<PodObservation> Pods, bool IsAnyMissing)
{
    /// <summary>The stamp that its pods shall carry.</summary>
    public string? Stamp { get; } = PodTemplates.StampOf(Template.Metadata);

    /// <summary>The stamp of the template that the StatefulSet has.</summary>
    public string? LiveStamp => PodTemplates.StampOf(Set.Spec?.Template.Metadata);

    /// <summary>The pods that were made from another template, by ordinal.</summary>
    public IReadOnlyList<PodObservation> Outdated => [.. Pods.Where(pod => !IsCurrent(pod))];

    /// <summary>Whether there is anything to be done about it.</summary>
    public bool IsDue => !IsTemplateCurrent || Outdated.Count > 0;

    /// <summary>Whether its turn has come already.</summary>
    public bool IsBegun => IsTemplateCurrent && Outdated.Count > 0;

    /// <summary>Whether whoever makes its pods has seen the template: one that has not may make another pod of the old one.</summary>
    public bool IsSeen => Set.Status?.ObservedGeneration >= Set.Metadata.Generation;

    public bool IsCurrent(PodObservation pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return PodTemplates.StampOf(pod.Pod.Metadata) == Stamp;
    }

    /// <summary>Why its pods are replaced, for people.</summary>
    public string Reason => IsTemplateCurrent
        ? Set.Metadata.Annotations?.GetValueOrDefault(ClusterMetadata.UpdateAnnotation) ?? RollReason.Unknown
        : RollReason.Describe(Set.Spec!.Template, Template);
}
