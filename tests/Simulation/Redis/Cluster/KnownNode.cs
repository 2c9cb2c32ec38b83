using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>What one server knows of a node (clusterNode).</summary>
sealed class KnownNode(NodeId id, NodeFlags flags, TimeSpan createdAt)
{
    public NodeId Id { get; set; } = id;

    public NodeFlags Flags { get; set; } = flags;

    /// <summary>Since when it is known: handshakes time out.</summary>
    public TimeSpan CreatedAt => createdAt;

    public string Ip { get; set; } = "";

    public int Port { get; set; }

    public int BusPort { get; set; }

    public string Hostname { get; set; } = "";

    /// <summary>What a master and its replicas have in common; of one that has not been heard yet its own id.</summary>
    public NodeId ShardId { get; set; } = id;

    public long ConfigEpoch { get; set; }

    public SlotSet Slots { get; set; } = SlotSet.Empty;

    public KnownNode? Master { get; set; }

    public List<KnownNode> Replicas { get; } = [];

    /// <summary>When the ping that has not been answered yet was sent; null if there is none.</summary>
    public TimeSpan? PingSent { get; set; }

    /// <summary>Null for never.</summary>
    public TimeSpan? PongReceived { get; set; }

    public TimeSpan? DataReceived { get; set; }

    /// <summary>When it was declared failed.</summary>
    public TimeSpan FailedAt { get; set; }

    /// <summary>When we last voted for a replica of this master; null for never.</summary>
    public TimeSpan? VotedAt { get; set; }

    public long Offset { get; set; }

    public BusLink? Link { get; set; }

    public BusLink? InboundLink { get; set; }

    /// <summary>Which masters say that it fails, and when they last said so.</summary>
    public List<(KnownNode By, TimeSpan At)> Reports { get; } = [];

    public bool IsMaster => Has(NodeFlags.Master);

    public bool IsReplica => Has(NodeFlags.Replica);

    public bool IsMyself => Has(NodeFlags.Myself);

    public bool IsInHandshake => Has(NodeFlags.Handshake);

    public bool HasFailed => Has(NodeFlags.Failed);

    public bool IsSuspect => Has(NodeFlags.PossiblyFailing);

    public bool HasAddress => !Has(NodeFlags.NoAddress);

    public bool Has(NodeFlags flag) => (Flags & flag) != 0;
}
