using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Simulation.Runs;

/// <summary>What pods are made from, and what those that there are were made from.</summary>
public sealed partial class RunWorld
{
    /// <summary>The stamp of the template that a StatefulSet is to get; null where the write says nothing of it.</summary>
    public static string? TemplateOf(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return write.Kind == "StatefulSet" && write.Body?["spec"] is JsonObject spec ? StampIn(spec["template"]) : null;
    }

    /// <summary>The StatefulSet of a shard, by its uid, and the stamp of its template; null if there is none.</summary>
    public (string Uid, string? Stamp)? TemplateOf(int shard) =>
        Kubernetes.Caches.StatefulSets.Get(new NamespacedName(Key.Namespace, ClusterNames.Shard(Key.Name, shard))) is { Metadata.DeletionTimestamp: null } set ? (set.Metadata.Uid!, StampIn(set.Spec.Template)) : null;

    /// <summary>Whether every pod that the resource asks for in a shard is there and ready.</summary>
    public bool IsReady(int shard) => WantedPods(shard).All(pod => pod is not null && IsReady(pod));

    /// <summary>Whether every pod that the resource asks for in a shard was made from a template.</summary>
    public bool IsMadeFrom(int shard, string? stamp) => WantedPods(shard).All(pod => pod is not null && PodTemplates.StampOf(pod.Metadata) == stamp);

    static string? StampIn(JsonNode? template) => template?["metadata"]?["annotations"]?[ClusterMetadata.TemplateAnnotation]?.GetValue<string>();

    IEnumerable<V1Pod?> WantedPods(int shard) =>
        Enumerable.Range(0, Cluster?.Spec.NodesPerShard ?? 0).Select(ordinal => PodOf(ClusterNames.Pod(Key.Name, shard, ordinal)));
}
