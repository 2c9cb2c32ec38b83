using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Runs;

/// <summary>
/// Which acknowledged writes a fault may cost. Redis copies after it has acknowledged; so what a server had alone when it was hit is excused, if it is gone with it
/// or if another one may be elected meanwhile that has less.
/// </summary>
public sealed partial class RunWorld
{
    /// <summary>After a fault its consequences go on for a while: elections, copies.</summary>
    static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(3);

    readonly SortedDictionary<string, TimeSpan> _hurtUntil = new(StringComparer.Ordinal);
    readonly SortedDictionary<NodeId, bool> _wasMaster = [];

    /// <summary>Whether nothing hit the server for a while.</summary>
    public bool HasBeenCalm(ServerProcess server) => Simulator.Now > CalmSince(server) + Aftermath;

    /// <summary>Since when nothing hits it.</summary>
    public TimeSpan CalmSince(ServerProcess server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var hurt = _hurtUntil.GetValueOrDefault(server.Name);
        return hurt > server.StartedAt ? hurt : server.StartedAt;
    }

    /// <summary>Whether somebody at an address reaches a server that answers.</summary>
    public bool IsInReach(string from, ServerProcess server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return !server.IsPaused && Network.Reaches(from, server.Address) && Network.Reaches(server.Address, from);
    }

    /// <summary>Whether a server does not reach most of the masters that own slots.</summary>
    public bool IsCutFromMajority(ServerProcess server)
    {
        var voters = Servers.Where(voter => voter.View is { IsMaster: true, Slots.IsEmpty: false }).ToList();
        return voters.Count(voter => voter == server || IsInReach(server.Address, voter)) * 2 <= voters.Count;
    }

    /// <summary>A client was promised a write.</summary>
    internal void Acknowledge(string key, long version, string address)
    {
        var entry = Ledger.Acknowledge(key, version);
        if (Redis.Find(address) is { } server && _hurtUntil.GetValueOrDefault(server.Name) >= Simulator.Now)
        {
            Excuse(entry, [server.Name], losesMemory: false, losesVolume: false);
        }
    }

    /// <summary>To be called right before a fault hits pods.</summary>
    void Hurt(IReadOnlyList<string> pods, TimeSpan lasts, bool losesMemory, bool losesVolume, bool losesPower = false)
    {
        foreach (var pod in pods)
        {
            var until = Simulator.Now + lasts;
            _hurtUntil[pod] = until > _hurtUntil.GetValueOrDefault(pod) ? until : _hurtUntil[pod];
        }

        foreach (var entry in Ledger.Entries)
        {
            // Without a volume the process is all there is; without power the last second of the file is not on the disk.
            Excuse(entry, pods, losesMemory, losesVolume || (losesMemory && !Scenario.Shape.HasVolumes) || losesPower);
        }
    }

    /// <summary>Whether anything was promised that only servers which are hit have.</summary>
    void Excuse(LedgerEntry entry, IReadOnlyList<string> hit, bool losesMemory, bool losesVolume)
    {
        if (entry.Required is not { } required)
        {
            return;
        }

        long safe = 0;
        var mayBeReplaced = false;
        foreach (var server in AllServers)
        {
            var isHit = hit.Contains(server.Name) || _hurtUntil.GetValueOrDefault(server.Name) >= Simulator.Now;
            if (!isHit)
            {
                safe = Math.Max(safe, VersionedValue.Read(server.Data.Keys, entry) ?? 0);
                mayBeReplaced |= !server.View.IsMaster && server.Replication.SecondsSinceMaster < int.MaxValue && hit.Any(name => name != server.Name && SameShard(name, server.Name));
            }
        }

        if (safe < required && ((losesMemory && losesVolume) || mayBeReplaced))
        {
            Ledger.Excuse(entry, safe);
        }
    }

    /// <summary>Who was elected by the servers themselves after a fault may have less than others: which of several replicas wins is a matter of who asks first.</summary>
    void WatchElections()
    {
        foreach (var server in Servers)
        {
            var id = server.View.Id;
            if (_wasMaster.TryGetValue(id, out var before) && !before && server.View.IsMaster && !server.View.Slots.IsEmpty && server.View.Elections is [.., { IsManual: false }])
            {
                foreach (var entry in Ledger.Entries.Where(entry => server.View.Slots.Contains(entry.Slot)))
                {
                    Ledger.Excuse(entry, VersionedValue.Read(server.Data.Keys, entry) ?? 0);
                }
            }

            _wasMaster[id] = server.View.IsMaster;
        }
    }

    static bool SameShard(string one, string other) => one[..one.LastIndexOf('-')] == other[..other.LastIndexOf('-')];
}
