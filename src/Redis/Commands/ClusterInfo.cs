using System.Text;

namespace Slotwise.Redis;

/// <summary>The answer to CLUSTER INFO.</summary>
public sealed class ClusterInfo
{
    readonly FieldText _fields;

    ClusterInfo(ReadOnlyMemory<byte> text) => _fields = new FieldText(text);

    /// <summary>True if the node serves queries (<c>cluster_state:ok</c>).</summary>
    public bool IsOk => this["cluster_state"] == "ok";

    /// <summary>Slots that some node owns in this node's view, 0 to 16384.</summary>
    public int SlotsAssigned => (int)Number("cluster_slots_assigned");

    /// <summary>Slots whose owner is neither failed nor suspected.</summary>
    public int SlotsOk => (int)Number("cluster_slots_ok");

    /// <summary>Slots whose owner is suspected.</summary>
    public int SlotsPossiblyFailing => (int)Number("cluster_slots_pfail");

    /// <summary>Slots whose owner failed.</summary>
    public int SlotsFailed => (int)Number("cluster_slots_fail");

    /// <summary>Nodes this node knows, itself and those in handshake included.</summary>
    public int KnownNodes => (int)Number("cluster_known_nodes");

    /// <summary>Masters with at least one slot: those that vote.</summary>
    public int Size => (int)Number("cluster_size");

    public long CurrentEpoch => Number("cluster_current_epoch");

    public long MyEpoch => Number("cluster_my_epoch");

    /// <summary>
    /// How many times the process asked another node for its vote; null from a server that does not count its messages. One that never did has no memory of an election.
    /// </summary>
    public long? VoteRequestsSent => this["cluster_stats_messages_sent"] is null ? null : Number("cluster_stats_messages_auth-req_sent");

    /// <summary>The value of any field, or null.</summary>
    public string? this[string field] => _fields.Find(field);

    /// <summary>Reads the text of CLUSTER INFO.</summary>
    public static ClusterInfo Parse(string text) => new(Encoding.UTF8.GetBytes(text));

    internal static ClusterInfo Read(RespValue reply) => new(Replies.Bytes(reply));

    long Number(string field) => _fields.FindNumber(field) ?? 0;
}
