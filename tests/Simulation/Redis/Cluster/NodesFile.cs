using System.Collections.Immutable;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Bus;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>What nodes.conf holds.</summary>
public sealed class NodesFile
{
    /// <summary>Its name on the volume.</summary>
    public const string Name = "nodes.conf";

    readonly ImmutableSortedDictionary<int, KnownNode> _migrating;
    readonly ImmutableSortedDictionary<int, KnownNode> _importing;

    NodesFile(
        IReadOnlyList<SavedNode> nodes,
        long currentEpoch,
        long lastVoteEpoch,
        ImmutableSortedDictionary<int, KnownNode> migrating,
        ImmutableSortedDictionary<int, KnownNode> importing)
    {
        Nodes = nodes;
        CurrentEpoch = currentEpoch;
        LastVoteEpoch = lastVoteEpoch;
        _migrating = migrating;
        _importing = importing;
    }

    /// <summary>The id under which a server starts that finds it.</summary>
    public NodeId MyId => Me.Id;

    /// <summary>Whether it says that its server is a master.</summary>
    public bool IsMaster => Me.Flags.HasFlag(NodeFlags.Master);

    /// <summary>The slots of its server, if that is a master.</summary>
    public SlotSet Slots => Me.Slots;

    /// <summary>Whom its server follows.</summary>
    public NodeId? MasterId => Me.Master;

    internal IReadOnlyList<SavedNode> Nodes { get; }

    internal long CurrentEpoch { get; }

    internal long LastVoteEpoch { get; }

    internal IEnumerable<OpenSlot> Migrating => _migrating.Select(open => new OpenSlot(open.Key, open.Value.Id));

    internal IEnumerable<OpenSlot> Importing => _importing.Select(open => new OpenSlot(open.Key, open.Value.Id));

    SavedNode Me => Nodes.First(node => node.Flags.HasFlag(NodeFlags.Myself));

    /// <summary>The same of a server that is to follow another one of those that it knows.</summary>
    public NodesFile SteppedDown(NodeId owner)
    {
        var nodes = Nodes.Select(node => node switch
        {
            { Id: var id } when id == owner => node with { Flags = (node.Flags & ~NodeFlags.Replica) | NodeFlags.Master, Master = null },
            _ when node.Flags.HasFlag(NodeFlags.Myself) => node with { Flags = (node.Flags & ~NodeFlags.Master) | NodeFlags.Replica, Master = owner, Slots = SlotSet.Empty },
            _ => node,
        });
        return new NodesFile([.. nodes], CurrentEpoch, LastVoteEpoch, _migrating.Clear(), _importing.Clear());
    }

    /// <summary>What a volume has; null where it has none.</summary>
    public static NodesFile? Read(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return volume.Read(Name) as NodesFile;
    }

    internal static NodesFile Of(ClusterMember member, ImmutableSortedDictionary<int, KnownNode> migrating, ImmutableSortedDictionary<int, KnownNode> importing)
    {
        var nodes = new List<SavedNode>(member.Nodes.Count);
        foreach (var node in member.Nodes)
        {
            if (!node.IsInHandshake)
            {
                nodes.Add(new SavedNode(
                    node.Id,
                    node.Ip,
                    node.Port,
                    node.BusPort,
                    node.Hostname,
                    node.Flags & ~NodeFlags.Meet,
                    node.Master?.Id,
                    node.ShardId,
                    node.PingSent is not null,
                    node.PongReceived is not null,
                    node.ConfigEpoch,
                    node.Slots));
            }
        }

        return new NodesFile(nodes, member.CurrentEpoch, member.LastVoteEpoch, migrating, importing);
    }

    internal sealed record SavedNode(
        NodeId Id,
        string Ip,
        int Port,
        int BusPort,
        string Hostname,
        NodeFlags Flags,
        NodeId? Master,
        NodeId ShardId,
        bool WasPinged,
        bool WasHeard,
        long ConfigEpoch,
        SlotSet Slots);
}
