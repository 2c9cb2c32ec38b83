using System.Text;

namespace Slotwise.Redis;

/// <summary>The answer to CLUSTER NODES: the whole cluster as one node sees it, in the order it was printed.</summary>
public sealed class ClusterNodesTable
{
    /// <summary>A table without nodes.</summary>
    public static readonly ClusterNodesTable Empty = new([]);

    readonly Dictionary<NodeId, ClusterNode> _byId;

    /// <summary>A table of the given nodes; of two with the same id the first counts.</summary>
    public ClusterNodesTable(IReadOnlyList<ClusterNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        Nodes = nodes;
        _byId = new Dictionary<NodeId, ClusterNode>(nodes.Count);
        foreach (var node in nodes)
        {
            _byId.TryAdd(node.Id, node);
            if (node.IsMyself)
            {
                Myself ??= node;
            }
        }
    }

    /// <summary>All nodes, those in handshake included.</summary>
    public IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>The node that was asked; null only if the text held no line for it.</summary>
    public ClusterNode? Myself { get; }

    /// <summary>The slots that any node serves in this view.</summary>
    public SlotSet CoveredSlots => Nodes.Aggregate(SlotSet.Empty, (covered, node) => covered.Union(node.Slots));

    /// <summary>The node of that id, or null.</summary>
    public ClusterNode? Find(NodeId id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// True when both views give every slot to the same node: the agreement that <c>redis-cli --cluster check</c> asks for. Open slots do not count.
    /// </summary>
    public bool AgreesOnSlotsWith(ClusterNodesTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return OwnsNothingElse(this, other) && OwnsNothingElse(other, this);

        static bool OwnsNothingElse(ClusterNodesTable left, ClusterNodesTable right) =>
            left.Nodes.All(node => node.Slots.IsEmpty || node.Slots == right.Find(node.Id)?.Slots);
    }

    /// <summary>Reads the text of CLUSTER NODES, or of a nodes.conf; lines that describe no node are left out.</summary>
    public static ClusterNodesTable Parse(ReadOnlySpan<byte> utf8) => ClusterNodesParser.Parse(utf8);

    /// <summary>Reads the text of CLUSTER NODES, or of a nodes.conf; lines that describe no node are left out.</summary>
    public static ClusterNodesTable Parse(string text) => ClusterNodesParser.Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>The text as Redis prints it.</summary>
    public override string ToString() => string.Concat(Nodes.Select(node => node + "\n"));
}
