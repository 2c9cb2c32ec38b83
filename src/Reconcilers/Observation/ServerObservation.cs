using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Observation;

/// <summary>What one server of ours said about itself and about the others, all in one round trip.</summary>
/// <param name="Identity">Which pod it proved to be.</param>
/// <param name="Info">INFO.</param>
/// <param name="Cluster">CLUSTER INFO.</param>
/// <param name="Nodes">CLUSTER NODES: its view of everybody.</param>
public sealed record ServerObservation(ServerIdentity Identity, RedisInfo Info, ClusterInfo Cluster, ClusterNodesTable Nodes)
{
    /// <summary>The directives that it was asked about, in its own words; one that it does not know is missing.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The best way in which it can move slots.</summary>
    public SlotMoveMethod MoveMethod { get; init; }

    /// <summary>The jobs in which it moves slots by itself, those that ended included; empty where it has no such jobs.</summary>
    public IReadOnlyList<SlotMoveJob> Jobs { get; init; } = [];

    /// <summary>How full its volume is.</summary>
    public VolumeLevel Volume { get; init; }

    /// <summary>Its own line of CLUSTER NODES.</summary>
    public ClusterNode Myself { get; } = Nodes.Myself ?? throw new ArgumentException("CLUSTER NODES has no line of the server itself", nameof(Nodes));

    public NodeId Id => Myself.Id;

    public bool IsMaster => Myself.IsMaster;

    public SlotSet Slots => Myself.Slots;

    /// <summary>The port of its gossip, as it announces it.</summary>
    public int BusPort => Myself.BusPort;

    /// <summary>What its gate decided before this process was started.</summary>
    public StartDecision Start { get; } = ServerIdentity.DecisionOf(Info);

    public bool HoldsKeys => Info.KeysByDatabase.Values.Any(keys => keys > 0);

    /// <summary>Whether no other node, not even one in handshake, is in its table.</summary>
    public bool KnowsNobody => Nodes.Nodes.Count == 1;

    /// <summary>Whether the replica has its master's data and follows it.</summary>
    public bool IsInSync => Info is { IsReplica: true, IsMasterLinkUp: true, IsMasterSyncInProgress: false, IsLoading: false };
}
