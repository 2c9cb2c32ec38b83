using Slotwise.Kubernetes.Models;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Cluster;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Runs;

/// <summary>What the volumes of the cluster are needed for.</summary>
public sealed partial class RunWorld
{
    /// <summary>Whether there is such a claim and nobody has deleted it.</summary>
    public bool HasClaim(string name) => ClaimOf(name) is { Metadata.DeletionTimestamp: null };

    /// <summary>What would be lost with the volume of a claim; null for nothing.</summary>
    public string? NeedFor(string claim)
    {
        if (ClaimOf(claim) is not { } found || Kubernetes.Disks.Find(found) is not { } volume)
        {
            return null;
        }

        if (SlotsOn(volume) is { IsEmpty: false } slots)
        {
            return $"the node on it owns slots {slots}";
        }

        var last = Ledger.Entries.FirstOrDefault(entry => entry.Required is { } required && !HasCopy(entry, required, volume) && HasCopy(entry, required));
        return last is null ? null : $"nothing else has version {last.Required} of key {last.Key}";
    }

    /// <summary>The slots of a server, without those that a newer owner has, of which it may not have heard.</summary>
    public SlotSet SlotsOf(ServerProcess server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return server.View.IsMaster ? WithoutReplaced(server.View.Slots, server.View.ConfigEpoch) : SlotSet.Empty;
    }

    /// <summary>The slots of the node that was started from a volume, without those that a newer owner has.</summary>
    SlotSet SlotsOn(Volume volume)
    {
        if (Servers.FirstOrDefault(server => server.Setup.Volume == volume) is { } running)
        {
            return SlotsOf(running);
        }

        return NodesFile.Read(volume) is { IsMaster: true } file ? WithoutReplaced(file.Slots, file.Nodes.First(node => node.Id == file.MyId).ConfigEpoch) : SlotSet.Empty;
    }

    SlotSet WithoutReplaced(SlotSet slots, long epoch) =>
        Servers.Where(server => server.View.IsMaster && server.View.ConfigEpoch > epoch).Aggregate(slots, (left, owner) => left.Except(owner.View.Slots));

    V1PersistentVolumeClaim? ClaimOf(string name) => Kubernetes.Caches.Claims.Get(new NamespacedName(Key.Namespace, name));
}
