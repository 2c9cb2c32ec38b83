using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>
/// The cluster side of one server: its own table of nodes, which changes by what it is told and by what it hears. It follows cluster_legacy.c function by
/// function; where versions differ, the server's profile says so.
/// </summary>
sealed partial class ClusterMember
{
    readonly ServerProcess _server;
    readonly List<KnownNode> _nodes = [];
    readonly List<BusLink> _inbound = [];
    readonly SortedDictionary<NodeId, TimeSpan> _banned = [];
    readonly OpenSlots _migrating = new();
    readonly OpenSlots _importing = new();
    Todo _todo;

    public ClusterMember(ServerProcess server)
    {
        _server = server;
        Myself = new KnownNode(server.RandomId(), NodeFlags.Myself | NodeFlags.Master, server.Now);
        _nodes.Add(Myself);
    }

    [Flags]
    enum Todo
    {
        None = 0,
        UpdateState = 1,
        SaveConfig = 2,
        HandleFailover = 4,
        HandleManualFailover = 8,
    }

    public KnownNode Myself { get; private set; }

    public IReadOnlyList<KnownNode> Nodes => _nodes;

    public long CurrentEpoch { get; private set; }

    public long LastVoteEpoch { get; private set; }

    /// <summary>cluster_state: whether it serves queries.</summary>
    public bool IsOk { get; private set; }

    /// <summary>Masters with slots, as last counted.</summary>
    public int Size { get; private set; } = 1;

    public SlotSet Importing => _importing.Slots;

    public SlotSet Migrating => _migrating.Slots;

    TimeSpan Now => _server.Now;

    TimeSpan NodeTimeout => _server.Config.NodeTimeout;

    public KnownNode? Find(NodeId id)
    {
        foreach (var node in _nodes)
        {
            if (node.Id == id)
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>Who owns a slot, in this server's view.</summary>
    public KnownNode? OwnerOf(int slot)
    {
        foreach (var node in _nodes)
        {
            if (node.Slots.Contains(slot))
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>What is done once after everything that happens, before the next thing: clusterBeforeSleep.</summary>
    public void BeforeSleep()
    {
        if (_todo == Todo.None)
        {
            return;
        }

        var todo = _todo;
        _todo = Todo.None;
        if ((todo & Todo.HandleManualFailover) != 0)
        {
            if (Myself.IsReplica)
            {
                HandleManualFailover();
                HandleReplicaFailover();
            }
        }
        else if ((todo & Todo.HandleFailover) != 0)
        {
            HandleReplicaFailover();
        }

        todo |= _todo & (Todo.UpdateState | Todo.SaveConfig);
        _todo &= ~(Todo.UpdateState | Todo.SaveConfig);
        if ((todo & Todo.UpdateState) != 0)
        {
            UpdateState();
        }

        if ((todo & Todo.SaveConfig) != 0)
        {
            SaveConfig();
        }
    }

    /// <summary>The process ends: the other ends of its connections find out.</summary>
    public void CloseLinks()
    {
        foreach (var node in _nodes)
        {
            node.Link?.Close();
        }

        foreach (var link in _inbound)
        {
            link.Close();
        }
    }

    void Note(Todo todo) => _todo |= todo;

    KnownNode AddNode(NodeId id, NodeFlags flags)
    {
        var node = new KnownNode(id, flags, Now);
        _nodes.Add(node);
        return node;
    }

    /// <summary>clusterDelNode</summary>
    void RemoveNode(KnownNode node)
    {
        CloseAllWith(node, _importing);
        CloseAllWith(node, _migrating);
        Unbind(node.Slots);
        foreach (var other in _nodes)
        {
            if (other != node && RemoveReport(other, node))
            {
                RemoveOldReports(other);
            }
        }

        foreach (var replica in node.Replicas)
        {
            replica.Master = null;
        }

        if (node.IsReplica)
        {
            node.Master?.Replicas.Remove(node);
        }

        _nodes.Remove(node);
        FreeLink(node.Link);
        FreeLink(node.InboundLink);
    }

    void FreeLink(BusLink? link)
    {
        if (link is null)
        {
            return;
        }

        link.Close();
        _inbound.Remove(link);
        if (link.Node is { } node)
        {
            if (node.Link == link)
            {
                node.Link = null;
            }
            else if (node.InboundLink == link)
            {
                node.InboundLink = null;
            }
        }
    }

    static void CloseAllWith(KnownNode node, OpenSlots open)
    {
        foreach (var (slot, peer) in open)
        {
            if (peer == node)
            {
                open.Close(slot);
            }
        }
    }
}
