using Slotwise.Redis;
using Slotwise.Simulation.Redis.Cluster;
using Slotwise.Simulation.Redis.Data;

namespace Slotwise.Simulation.Redis.Server;

/// <summary>What is true of a process, for those who judge it: read from the model itself, without a question that could be lost.</summary>
public readonly struct ServerView
{
    readonly ServerProcess _server;

    internal ServerView(ServerProcess server) => _server = server;

    public NodeId Id => Myself.Id;

    public bool IsMaster => Myself.IsMaster;

    /// <summary>The slots that it claims itself.</summary>
    public SlotSet Slots => Myself.Slots;

    public long ConfigEpoch => Myself.ConfigEpoch;

    public long CurrentEpoch => _server.Cluster.CurrentEpoch;

    /// <summary>Whom it follows; null for a master.</summary>
    public NodeId? MasterId => Myself.Master?.Id;

    /// <summary>cluster_state:ok</summary>
    public bool IsServing => _server.Cluster.IsOk;

    /// <summary>Whether a client that comes now can write to its slots, or will be let once a manual failover is over.</summary>
    public bool AcceptsWrites => _server.IsRunning && IsMaster && IsServing && !_server.Data.IsLoading && !Slots.IsEmpty && !_server.Data.IsAppendBroken;

    public bool IsLoading => _server.Data.IsLoading;

    /// <summary>Whether it holds writes back for a moment.</summary>
    public bool HoldsWritesBack => _server.Data.ArePaused;

    /// <summary>As a replica: whether it has its master's data and follows it.</summary>
    public bool IsInSync => !_server.Replication.IsOff && _server.Replication.IsLinkUp && !_server.Data.IsLoading;

    /// <summary>As a replica: whether it gets a full copy.</summary>
    public bool IsCopying => _server.Replication.IsCopying;

    /// <summary>As a replica: the process that it follows, while connected.</summary>
    public ServerProcess? Master => _server.Replication.Master;

    /// <summary>How much of the history it has, in bytes.</summary>
    public long Offset => _server.Replication.Applied;

    public History History => _server.Replication.History;

    public Keyspace Keys => _server.Data.Keys;

    /// <summary>Whether what it holds is what its history says that was written up to its offset; true while it does not know.</summary>
    public bool HoldsPrefixOfHistory =>
        _server.Data.IsLoading || _server.Data.LacksLostKeys || History.DigestAt(Offset) is not { } digest || digest == Keys.Digest;

    /// <summary>Nodes in its table, itself and handshakes included.</summary>
    public int KnownNodes => _server.Cluster.Nodes.Count;

    /// <summary>Slots that come to it, and those that leave it.</summary>
    public (SlotSet Importing, SlotSet Migrating) OpenSlots => (_server.Cluster.Importing, _server.Cluster.Migrating);

    /// <summary>Elections in which this process stood.</summary>
    public IReadOnlyList<ElectionRecord> Elections => _server.Cluster.Elections;

    KnownNode Myself => _server.Cluster.Myself;

    /// <summary>Whether it has the node in its table, other than as a handshake.</summary>
    public bool Knows(NodeId id) => _server.Cluster.Find(id) is { IsInHandshake: false };

    /// <summary>Whom a node follows, in this one's table.</summary>
    public NodeId? MasterOf(NodeId id) => _server.Cluster.Find(id)?.Master?.Id;

    /// <summary>The slots of a node, in this one's table.</summary>
    public SlotSet SlotsOf(NodeId id) => _server.Cluster.Find(id)?.Slots ?? SlotSet.Empty;

    /// <summary>Whether it has not heard from a node for long, or takes it for failed.</summary>
    public bool Suspects(NodeId id) => _server.Cluster.Find(id) is { IsSuspect: true } or { HasFailed: true };

    /// <summary>Whether it takes a node for failed.</summary>
    public bool TakesForFailed(NodeId id) => _server.Cluster.Find(id) is { HasFailed: true };
}
