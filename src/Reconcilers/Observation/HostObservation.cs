using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Observation;

/// <summary>A host, which is a Node of Kubernetes, as far as it matters whether its pods live.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ReadySince">Since when its kubelet reports; what such a one reported of a container is so. Null while it does not.</param>
/// <param name="IsOutOfService">Whether somebody vouches that it is off, so that nothing runs on it.</param>
/// <param name="Zone">Where it stands; null where that is not said.</param>
public sealed record HostObservation(string Name, DateTimeOffset? ReadySince, bool IsOutOfService, string? Zone)
{
    const string OutOfServiceTaint = "node.kubernetes.io/out-of-service";
    const string ZoneLabel = "topology.kubernetes.io/zone";

    public bool IsReady => ReadySince is not null;

    public static HostObservation Of(V1Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var ready = node.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "Ready", Status: "True" });
        return new HostObservation(
            node.Metadata.Name ?? "",
            ready is null ? null : ready.LastTransitionTime ?? DateTimeOffset.MaxValue,
            node.Spec?.Taints?.Any(taint => taint.Key == OutOfServiceTaint) == true,
            node.Metadata.Labels?.GetValueOrDefault(ZoneLabel));
    }

    /// <summary>All that is read of a Node; it has dozens of images, addresses and conditions besides.</summary>
    public static V1Node Trim(V1Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var zone = node.Metadata.Labels?.GetValueOrDefault(ZoneLabel);
        return new V1Node
        {
            Metadata = new V1ObjectMeta
            {
                Name = node.Metadata.Name,
                Uid = node.Metadata.Uid,
                ResourceVersion = node.Metadata.ResourceVersion,
                Labels = zone is null ? null : new SortedDictionary<string, string>(StringComparer.Ordinal) { [ZoneLabel] = zone },
            },
            Spec = new V1NodeSpec { Taints = node.Spec?.Taints?.Where(taint => taint.Key == OutOfServiceTaint).ToList() },
            Status = new V1NodeStatus { Conditions = node.Status?.Conditions?.Where(condition => condition.Type == "Ready").ToList() },
        };
    }
}
