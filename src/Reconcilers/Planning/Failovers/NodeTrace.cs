using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Rungs;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Failovers;

/// <summary>Where a node ran that does not answer: from the note about it and from the tables of the servers that do.</summary>
/// <param name="Id">The node id.</param>
/// <param name="Pod">The name of its pod.</param>
/// <param name="Addresses">Where others believe it to be.</param>
public sealed record NodeTrace(NodeId Id, string Pod, IReadOnlyList<string> Addresses)
{
    /// <summary>The uid of its pod when it last answered; null where that was never noted.</summary>
    public string? PodUid { get; init; }

    /// <summary>Its host at that time.</summary>
    public string? Host { get; init; }

    /// <summary>Whether its end was reported before its pod went.</summary>
    public bool HasEnded { get; init; }

    /// <summary>The trace of a node; null if nobody knows of which pod it was.</summary>
    public static NodeTrace? Of(ClusterView view, NodeId id)
    {
        ArgumentNullException.ThrowIfNull(view);
        var note = view.Notes.FirstOrDefault(note => note.Id == id);
        if ((note?.Pod ?? Ghosts.PodOf(view, id)) is not { } pod)
        {
            return null;
        }

        var addresses = view.Members.Select(member => member.Server.Nodes.Find(id)?.Ip).OfType<string>().Where(ip => ip.Length > 0);
        return new NodeTrace(id, pod, [.. addresses.Distinct(StringComparer.Ordinal)]) { PodUid = note?.PodUid, Host = note?.Host, HasEnded = note is not null && (note.HasEnded || view.Observation.EndedPods.Contains(note.PodUid)) };
    }

    /// <summary>
    /// Whether the node ran in this very pod: in the one that was noted, or, as a node may have come back on its volume in another pod before that was noted, in
    /// the one at whose address others believe it to be.
    /// </summary>
    public bool IsIn(PodObservation pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Uid == PodUid || (pod.Address is { Length: > 0 } address && Addresses.Contains(address) && !IsAnother(pod));
    }

    /// <summary>Whether the server of the pod answers and is another node.</summary>
    public bool IsAnother(PodObservation pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Server is { } server && server.Id != Id;
    }
}
