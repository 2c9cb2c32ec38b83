using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Claims;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>All that a decision of the scheduler rests on, as it is at one moment.</summary>
public sealed record SchedulingView
{
    /// <param name="pods">All pods; those that are bound and not finished take room.</param>
    public SchedulingView(IReadOnlyList<V1Node> nodes, IReadOnlyList<V1Pod> pods)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(pods);
        var bound = pods
            .Where(pod => pod.Spec?.NodeName is { Length: > 0 } && pod.Status?.Phase is not ("Succeeded" or "Failed"))
            .ToLookup(pod => pod.Spec!.NodeName!);
        Hosts = [.. nodes.Select(node => new HostView(node, [.. bound[node.Metadata.Name!]]))];
        All = [.. pods];
    }

    public IReadOnlyList<HostView> Hosts { get; }

    public IReadOnlyList<V1Pod> All { get; }

    /// <summary>The labels of a namespace, for terms that select namespaces by them.</summary>
    public Func<string, IReadOnlyDictionary<string, string>?> NamespaceLabels { get; init; } = _ => null;

    public Func<NamespacedName, V1PersistentVolumeClaim?> Claim { get; init; } = _ => null;

    public Func<string, VolumeDocument?> Volume { get; init; } = _ => null;

    public Func<string, StorageClassDocument?> Class { get; init; } = _ => null;
}

/// <summary>A host and the pods that take room on it.</summary>
public sealed record HostView(V1Node Node, IReadOnlyList<V1Pod> Pods)
{
    public string Name => Node.Metadata.Name ?? "";

    /// <summary>Null when it has no such label.</summary>
    public string? Label(string key) => Node.Metadata.Labels?.GetValueOrDefault(key);
}

/// <summary>Why a host is not taken.</summary>
/// <param name="IsFinal">No pod that gave way would change it.</param>
public readonly record struct HostRefusal(string Reason, bool IsFinal);

/// <summary>One thing that must hold on a host. Made for one pod and one view.</summary>
interface IHostFilter
{
    /// <summary>Empty when the host will do.</summary>
    IEnumerable<HostRefusal> Refusals(HostView host);
}

/// <summary>One thing that should be so. Made for one pod and one view.</summary>
interface IHostScore
{
    /// <summary>How much it counts beside the others.</summary>
    int Weight { get; }

    /// <summary>0 to 100 for each of the hosts that will do.</summary>
    IReadOnlyList<double> Of(IReadOnlyList<HostView> hosts);
}
