using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>Servers whose volumes have no room for what a change of the cluster brings: a move of keys to them, or the copy that a new pod takes.</summary>
public static class FullVolumes
{
    /// <summary>A server of the shard whose volume is full; null if there is none.</summary>
    public static Member? FindIn(ClusterView view, int shard)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view.Spec.Storage is null ? null : view.Members.FirstOrDefault(member => member.Shard == shard && member.Server.Volume == VolumeLevel.Full);
    }
}
