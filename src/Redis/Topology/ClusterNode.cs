namespace Slotwise.Redis;

/// <summary>One line of CLUSTER NODES: what the node that was asked believes about one node.</summary>
public sealed record ClusterNode
{
    /// <summary>The node's id; for a node in handshake a random one that it loses again.</summary>
    public required NodeId Id { get; init; }

    /// <summary>The IP address as text; empty for a node that never joined (myself) or whose address is unknown.</summary>
    public string Ip { get; init; } = "";

    /// <summary>The client port, 0 if unknown; the TLS port if asked over TLS.</summary>
    public int Port { get; init; }

    /// <summary>The cluster bus port, 0 if unknown.</summary>
    public int BusPort { get; init; }

    /// <summary>The announced host name, empty if none (Redis 7.0).</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Auxiliary fields by name (<c>shard-id</c>, <c>nodename</c>, ...), unknown ones included. In nodes.conf; no server sends them to clients so far.</summary>
    public IReadOnlyDictionary<string, string> AuxiliaryFields { get; init; } = EmptyFields;

    /// <summary>The known flags.</summary>
    public ClusterNodeFlags Flags { get; init; }

    /// <summary>Flags that this version does not know, separated by commas; usually empty.</summary>
    public string UnknownFlags { get; init; } = "";

    /// <summary>The master this replica follows, if any is known.</summary>
    public NodeId? MasterId { get; init; }

    /// <summary>When the ping that is still unanswered was sent, in Unix milliseconds of the server; 0 if none is pending.</summary>
    public long PingSentMs { get; init; }

    /// <summary>When the last pong arrived, in Unix milliseconds of the server; 0 if never.</summary>
    public long PongReceivedMs { get; init; }

    /// <summary>The node's configuration epoch; for a replica its master's.</summary>
    public long ConfigEpoch { get; init; }

    /// <summary>True when the bus link to the node is up; always true for myself.</summary>
    public bool IsLinkUp { get; init; }

    /// <summary>The slots that the node serves.</summary>
    public SlotSet Slots { get; init; } = SlotSet.Empty;

    /// <summary>The slots that leave this node; only a node itself knows its own.</summary>
    public IReadOnlyList<OpenSlot> Migrating { get; init; } = [];

    /// <summary>The slots that come to this node; only a node itself knows its own.</summary>
    public IReadOnlyList<OpenSlot> Importing { get; init; } = [];

    public bool IsMyself => Has(ClusterNodeFlags.Myself);

    public bool IsMaster => Has(ClusterNodeFlags.Master);

    public bool IsReplica => Has(ClusterNodeFlags.Replica);

    /// <summary>True when a majority declared it failed (<c>fail</c>), not when it is only suspected.</summary>
    public bool HasFailed => Has(ClusterNodeFlags.Failed);

    /// <summary>True when it is only suspected to have failed (<c>fail?</c>).</summary>
    public bool IsPossiblyFailing => Has(ClusterNodeFlags.PossiblyFailing);

    public bool IsInHandshake => Has(ClusterNodeFlags.Handshake);

    public bool HasNoAddress => Has(ClusterNodeFlags.NoAddress);

    /// <summary>The line as Redis prints it.</summary>
    public override string ToString() => ClusterNodesFormat.Line(this);

    internal static readonly IReadOnlyDictionary<string, string> EmptyFields = new SortedDictionary<string, string>().AsReadOnly();

    bool Has(ClusterNodeFlags flag) => (Flags & flag) != 0;
}
