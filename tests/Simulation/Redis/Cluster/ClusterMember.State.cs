using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>Whether a server serves, and what it keeps on its disk.</summary>
sealed partial class ClusterMember
{
    static readonly TimeSpan MaxRejoinDelay = TimeSpan.FromSeconds(5);
    static readonly TimeSpan MinRejoinDelay = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan WritableDelay = TimeSpan.FromSeconds(2);

    TimeSpan? _firstStateUpdate;
    TimeSpan? _amongMinority;

    /// <summary>nodes.conf, or a new id where there is none; then the bus opens.</summary>
    public void Load()
    {
        if (_server.Setup.Volume.Read(NodesFile.Name) is NodesFile file)
        {
            Load(file);
        }
        else
        {
            SaveConfig();
        }

        UpdateMyself();
        StartCron();
    }

    /// <summary>verifyClusterConfigWithData: keys of slots that are not ours, found at the start.</summary>
    public void VerifyWithData(SlotSet withKeys)
    {
        if (Myself.IsReplica)
        {
            return;
        }

        var stray = withKeys.Except(Myself.Slots).Except(Importing);
        if (stray.IsEmpty)
        {
            return;
        }

        Bind(Myself, stray.Except(Covered));
        foreach (var slot in stray.Except(Myself.Slots))
        {
            _importing.Open(slot, OwnerOf(slot)!);
        }

        SaveConfig();
    }

    /// <summary>The address and the name that it announces, after its start and after CONFIG SET.</summary>
    public void UpdateMyself()
    {
        Myself.Ip = _server.Config.AnnouncedIp;
        Myself.Port = _server.Setup.Port;
        Myself.BusPort = _server.Setup.BusPort;
        Myself.Hostname = _server.Config.AnnouncedHostname;
        Myself.Flags = _server.Config.ForbidsFailover ? Myself.Flags | NodeFlags.NoFailover : Myself.Flags & ~NodeFlags.NoFailover;
    }

    void UpdateState()
    {
        _todo &= ~Todo.UpdateState;
        _firstStateUpdate ??= Now;
        if (Myself.IsMaster && !IsOk && Now - _firstStateUpdate < WritableDelay)
        {
            return;
        }

        var isOk = !_server.Config.RequiresFullCoverage || IsCovered();
        var size = 0;
        var reachable = 0;
        foreach (var node in _nodes)
        {
            if (node.IsMaster && !node.Slots.IsEmpty)
            {
                size++;
                if (!node.Has(NodeFlags.Failed | NodeFlags.PossiblyFailing))
                {
                    reachable++;
                }
            }
        }

        Size = size;
        if (reachable < Quorum)
        {
            isOk = false;
            _amongMinority = Now;
        }

        if (isOk == IsOk)
        {
            return;
        }

        var delay = NodeTimeout > MaxRejoinDelay ? MaxRejoinDelay : NodeTimeout < MinRejoinDelay ? MinRejoinDelay : NodeTimeout;
        if (isOk && Myself.IsMaster && _amongMinority is { } since && Now - since < delay)
        {
            return;
        }

        IsOk = isOk;
        _server.Trace(isOk ? "serves" : "does not serve");
    }

    bool IsCovered()
    {
        var count = 0;
        foreach (var node in _nodes)
        {
            count += node.Slots.Count;
            if (node.HasFailed && !node.Slots.IsEmpty)
            {
                return false;
            }
        }

        return count == SlotSet.SlotCount;
    }

    void SaveConfig()
    {
        _todo &= ~Todo.SaveConfig;
        if (!_server.Setup.Volume.TryWrite(NodesFile.Name, NodesFile.Of(this, _migrating.Now, _importing.Now)))
        {
            _server.Fail("Fatal: can't update cluster config file.");
        }
    }

    void Load(NodesFile file)
    {
        _nodes.Clear();
        CurrentEpoch = file.CurrentEpoch;
        LastVoteEpoch = file.LastVoteEpoch;
        foreach (var saved in file.Nodes)
        {
            var node = AddNode(saved.Id, saved.Flags);
            (node.Ip, node.Port, node.BusPort, node.Hostname) = (saved.Ip, saved.Port, saved.BusPort, saved.Hostname);
            node.Slots = saved.Slots;
            node.ShardId = saved.ShardId;
            node.ConfigEpoch = saved.Flags.HasFlag(NodeFlags.Replica) && saved.Master is not null ? 0 : saved.ConfigEpoch;
            node.PingSent = saved.WasPinged ? Now : null;
            node.PongReceived = saved.WasHeard ? Now : null;
            node.FailedAt = Now;
            if (node.IsMyself)
            {
                Myself = node;
            }
        }

        foreach (var saved in file.Nodes)
        {
            if (saved.Master is { } masterId)
            {
                var master = Find(masterId) ?? AddNode(masterId, NodeFlags.None);
                var node = Find(saved.Id)!;
                node.Master = master;
                master.Replicas.Add(node);
            }
        }

        foreach (var (slot, peer) in file.Migrating)
        {
            _migrating.Open(slot, Find(peer) ?? AddNode(peer, NodeFlags.None));
        }

        foreach (var (slot, peer) in file.Importing)
        {
            _importing.Open(slot, Find(peer) ?? AddNode(peer, NodeFlags.None));
        }

        CurrentEpoch = Math.Max(CurrentEpoch, MaxEpoch);
    }
}
