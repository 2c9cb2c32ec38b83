using Slotwise.Redis;
using Slotwise.Simulation.Kubernetes.Pods;
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
    readonly HashSet<ServerProcess> _dismissed = [];
    readonly HashSet<ServerProcess> _doomed = [];

    /// <summary>Pods of which the last fault took everything that a process had, or the end of its file.</summary>
    readonly SortedSet<string> _withoutFile = new(StringComparer.Ordinal);

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
        // Whoever goes on with an address that another cluster has by now is promised something by that one.
        if (Redis.Find(address) is { } other && ClusterOf(other) != Cluster?.Metadata.Uid)
        {
            return;
        }

        var entry = Ledger.Acknowledge(key, version);
        if (Redis.Find(address) is not { } server)
        {
            // It ended while its answer was on the way.
            if (Redis.FindLast(address) is { } ended && IsHurt(ended))
            {
                Excuse(entry, [ended.Name], losesMemory: true, losesVolume: _withoutFile.Contains(ended.Name));
            }

            return;
        }

        if (IsHurt(server) || (_dismissed.Contains(server) && !HasHeir(server)))
        {
            Excuse(entry, [server.Name], losesMemory: false, losesVolume: false);
        }

        ExcuseBehindACut(entry, server);
        ExcuseReplaced(entry, server);
    }

    /// <summary>
    /// A master that most of the others do not reach serves on until their answers are late, and may ping them up to half of cluster-node-timeout later than they ping it: so
    /// one of its replicas may have been elected on their side long before, whichever side it was that a fault hit.
    /// </summary>
    void ExcuseBehindACut(LedgerEntry entry, ServerProcess master)
    {
        var beyond = AllServers.Where(other => !IsInReach(master.Address, other)).ToList();
        if (beyond.Exists(other => SameShard(other.Name, master.Name) && !IsCutFromMajority(other)) && IsCutFromMajority(master))
        {
            Ledger.Excuse(entry, beyond.Max(other => VersionedValue.Read(other.Data.Keys, entry) ?? 0));
        }
    }

    /// <summary>A master in whose place the servers themselves elected a replica serves on until it hears of that, also for seconds after the cut between them is mended.</summary>
    void ExcuseReplaced(LedgerEntry entry, ServerProcess master)
    {
        var heir = AllServers.FirstOrDefault(other =>
            SameShard(other.Name, master.Name) && other.View is { IsMaster: true, Elections: [.., { IsManual: false }] } && other.View.ConfigEpoch > master.View.ConfigEpoch && other.View.Slots.Contains(entry.Slot));
        if (heir is not null)
        {
            Ledger.Excuse(entry, VersionedValue.Read(heir.Data.Keys, entry) ?? 0);
        }
    }

    /// <summary>
    /// To be called when a pod is deleted by others. It serves on for up to 15 s, until its hook has found that nobody can take over: what it acknowledges meanwhile goes
    /// with it, unless a replica in sync gets it that stays: one of which the operator was ending the pod just then does not.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="losesVolume">Whether all that it holds goes with it, or has no volume to stay on.</param>
    void Dismiss(PodRun pod, bool losesVolume)
    {
        var server = pod.Address is { } address ? Redis.Find(address) : null;
        foreach (var ending in AllServers.Where(other => other == server || (SameShard(other.Name, pod.Name) && IsEnding(other))))
        {
            _dismissed.Add(ending);
            if (ending == server ? losesVolume : !Scenario.Shape.HasVolumes)
            {
                _doomed.Add(ending);
            }
        }
    }

    bool IsEnding(ServerProcess server) => PodOf(server.Name) is { Metadata.DeletionTimestamp: not null } pod && IsIn(server, pod);

    bool IsHurt(ServerProcess server) => _hurtUntil.GetValueOrDefault(server.Name) >= Simulator.Now;

    bool HasHeir(ServerProcess server) =>
        AllServers.Any(other => SameShard(other.Name, server.Name) && other.View is { IsMaster: false, IsInSync: true } && !IsHurt(other) && !_dismissed.Contains(other));

    /// <summary>To be called right before a fault hits pods.</summary>
    void Hurt(IReadOnlyList<string> pods, TimeSpan lasts, bool losesMemory, bool losesVolume, bool losesPower = false)
    {
        // Without a volume the process is all there is; without power the last second of the file is not on the disk.
        var losesFile = losesVolume || (losesMemory && !Scenario.Shape.HasVolumes) || losesPower;
        foreach (var pod in pods)
        {
            var until = Simulator.Now + lasts;
            _hurtUntil[pod] = until > _hurtUntil.GetValueOrDefault(pod) ? until : _hurtUntil[pod];
            if (losesFile)
            {
                _withoutFile.Add(pod);
            }
            else
            {
                _withoutFile.Remove(pod);
            }
        }

        foreach (var entry in Ledger.Entries)
        {
            Excuse(entry, pods, losesMemory, losesFile);
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
        var isEnding = false;
        foreach (var server in AllServers)
        {
            if (_dismissed.Contains(server))
            {
                isEnding |= _doomed.Contains(server) && hit.Any(name => SameShard(name, server.Name));
            }
            else if (!hit.Contains(server.Name))
            {
                // Also by one that an earlier fault keeps from its master: what that has alone is what was not replicated.
                mayBeReplaced |= !server.View.IsMaster && server.Replication.SecondsSinceMaster < int.MaxValue && hit.Any(name => name != server.Name && SameShard(name, server.Name));
                safe = Math.Max(safe, IsHurt(server) ? 0 : VersionedValue.Read(server.Data.Keys, entry) ?? 0);
            }
        }

        if (safe < required && ((losesMemory && losesVolume) || mayBeReplaced || isEnding))
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
