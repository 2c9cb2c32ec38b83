using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Observation;

/// <summary>
/// Pods that are gone and whose host had reported the end of their server: a pod goes within moments of its container, most often between two passes. What is
/// forgotten here with the process only takes longer to be proven otherwise (law 4).
/// </summary>
public sealed class EndedPods
{
    const int Kept = 1000;

    readonly Lock _lock = new();
    readonly Queue<string> _order = [];
    readonly SortedSet<string> _uids = new(StringComparer.Ordinal);

    /// <summary>Hears of a change of a pod: what it was, and what it is; null when it is gone.</summary>
    public void Hear(V1Pod? old, V1Pod? current)
    {
        // Nothing follows a container in a pod that is being deleted.
        if (current is not null || old?.Metadata is not { Uid: { } uid, DeletionTimestamp: not null } || !new PodObservation(old, Shard: 0, Ordinal: 0, Server: null, Silence: null).HasEnded)
        {
            return;
        }

        lock (_lock)
        {
            if (_uids.Add(uid))
            {
                _order.Enqueue(uid);
            }

            if (_order.Count > Kept)
            {
                _uids.Remove(_order.Dequeue());
            }
        }
    }

    public bool Contains(string uid)
    {
        lock (_lock)
        {
            return _uids.Contains(uid);
        }
    }
}
