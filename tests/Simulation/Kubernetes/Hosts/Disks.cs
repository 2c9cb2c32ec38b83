using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.Kubernetes.Objects;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Kubernetes.Hosts;

/// <summary>The volumes of claims. One is on one host at a time, and gone for good with its claim.</summary>
public sealed class Disks
{
    readonly SortedDictionary<string, Disk> _disks = new(StringComparer.Ordinal);

    internal Disks(LiveCache<V1PersistentVolumeClaim> claims) => claims.AddHandler((before, after) =>
    {
        if (after is null)
        {
            _disks.Remove(before!.Metadata.Uid!);
        }
    });

    /// <summary>Every volume there is, by the uid of its claim.</summary>
    public IEnumerable<(string ClaimUid, Volume Volume)> All => _disks.Select(entry => (entry.Key, entry.Value.Volume));

    /// <summary>Of a claim; null before a pod used it.</summary>
    public Volume? Find(V1PersistentVolumeClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return _disks.GetValueOrDefault(claim.Metadata.Uid!)?.Volume;
    }

    /// <summary>False while another host has it.</summary>
    internal bool TryAttach(V1PersistentVolumeClaim claim, string host, string podUid, out Volume volume)
    {
        if (!_disks.TryGetValue(claim.Metadata.Uid!, out var disk))
        {
            _disks[claim.Metadata.Uid!] = disk = new Disk(new Volume(claim.Metadata.Name!));
        }

        volume = disk.Volume;
        if (disk.Host is { } other && other != host)
        {
            return false;
        }

        disk.Host = host;
        disk.Users.Add(podUid);
        return true;
    }

    /// <summary>The host that has the volume of a claim; null when none has.</summary>
    internal string? HostOf(V1PersistentVolumeClaim claim) => _disks.GetValueOrDefault(claim.Metadata.Uid!)?.Host;

    internal void Detach(string podUid)
    {
        foreach (var disk in _disks.Values)
        {
            if (disk.Users.Remove(podUid) && disk.Users.Count == 0)
            {
                disk.Host = null;
            }
        }
    }

    /// <summary>The host will not write to them any more: its power is off for long, or somebody vouches for it.</summary>
    internal void DetachAll(string host)
    {
        foreach (var disk in _disks.Values.Where(disk => disk.Host == host))
        {
            disk.Host = null;
            disk.Users.Clear();
        }
    }

    sealed class Disk(Volume volume)
    {
        public Volume Volume => volume;

        public string? Host { get; set; }

        /// <summary>The uids of the pods that it is mounted into.</summary>
        public SortedSet<string> Users { get; } = new(StringComparer.Ordinal);
    }
}
