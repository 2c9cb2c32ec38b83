using Slotwise.Redis;

namespace Slotwise.Simulation.Redis.Bus;

/// <summary>What servers say to each other on the cluster bus (clusterMsg of cluster.h).</summary>
sealed record BusMessage
{
    public required BusMessageKind Kind { get; init; }

    public required NodeId Sender { get; init; }

    /// <summary>The sender's slots; of a replica those of its master.</summary>
    public required SlotSet Slots { get; init; }

    /// <summary>The sender's configuration epoch; of a replica that of its master.</summary>
    public required long ConfigEpoch { get; init; }

    public required long CurrentEpoch { get; init; }

    public required NodeId? Master { get; init; }

    public required NodeId ShardId { get; init; }

    /// <summary>Of the sender: the role, NOFAILOVER.</summary>
    public required NodeFlags Flags { get; init; }

    /// <summary>The replication offset.</summary>
    public required long Offset { get; init; }

    public required string Ip { get; init; }

    public required int Port { get; init; }

    public required int BusPort { get; init; }

    public required string Hostname { get; init; }

    /// <summary>A master that holds writes back for a manual failover.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>Of a request for votes: the master may be alive.</summary>
    public bool ForcesVote { get; init; }

    public IReadOnlyList<GossipEntry> Gossip { get; init; } = [];

    /// <summary>Of FAIL and UPDATE: whom it is about. Of a ping: whom the sender was told to forget.</summary>
    public NodeId? About { get; init; }

    /// <summary>Of UPDATE.</summary>
    public SlotSet AboutSlots { get; init; } = SlotSet.Empty;

    /// <summary>Of UPDATE.</summary>
    public long AboutEpoch { get; init; }
}

enum BusMessageKind
{
    Ping,
    Pong,
    Meet,
    Fail,
    AuthRequest,
    AuthAck,
    ManualFailoverStart,
    Update,
}

/// <summary>What a ping tells about a third node.</summary>
readonly record struct GossipEntry(NodeId Id, string Ip, int Port, int BusPort, NodeFlags Flags, long PongReceivedSeconds);

[Flags]
enum NodeFlags
{
    None = 0,
    Myself = 1,
    Master = 2,
    Replica = 4,
    PossiblyFailing = 8,
    Failed = 16,
    Handshake = 32,
    NoAddress = 64,
    Meet = 128,
    NoFailover = 256,
}
