namespace Slotwise.Redis;

/// <summary>Commands about the cluster (CLUSTER ...). What the server answers with besides OK is in the documentation of each command.</summary>
public static class ClusterCommands
{
    static readonly RedisCommand<long>?[] Counts = new RedisCommand<long>?[SlotSet.SlotCount];

    public static RedisCommand<ClusterInfo> Info { get; } = new(ClusterInfo.Read, "CLUSTER", "INFO");

    public static RedisCommand<ClusterNodesTable> Nodes { get; } = new(reply => ClusterNodesTable.Parse(Replies.Bytes(reply).Span), "CLUSTER", "NODES");

    public static RedisCommand<NodeId> MyId { get; } = new(Replies.NodeId, "CLUSTER", "MYID");

    /// <summary>
    /// How far in its data each node that this one knows is, by what it told last on the bus; of itself, how far it is now. A master that ended is in it still (CLUSTER SHARDS, Redis 7.0).
    /// </summary>
    public static RedisCommand<IReadOnlyDictionary<NodeId, long>> Offsets { get; } = new(ReadOffsets, "CLUSTER", "SHARDS");

    /// <summary>Raises this master's configuration epoch without consensus if it is not the highest alone: answers <c>BUMPED n</c> or <c>STILL n</c>.</summary>
    public static RedisCommand<string> BumpEpoch { get; } = new(Replies.Text, "CLUSTER", "BUMPEPOCH");

    /// <summary>Introduces a node. OK says only that the address was understood; it must be an IP address, host names are refused.</summary>
    public static RedisCommand<string> Meet(string ip, int port, int busPort) => new(Replies.Done, "CLUSTER", "MEET", ip, port, busPort);

    /// <summary>Gives unassigned slots to this node (Redis 7.0). Refused as a whole if one is busy in its view. At least one slot.</summary>
    public static RedisCommand<string> AddSlotsRange(SlotSet slots) => OfRanges("ADDSLOTSRANGE", slots);

    /// <summary>Makes this node believe that nobody owns the slots (Redis 7.0). At least one slot.</summary>
    public static RedisCommand<string> DelSlotsRange(SlotSet slots) => OfRanges("DELSLOTSRANGE", slots);

    /// <summary>Sets the epoch of a new node; refused once it knows another node or its epoch is not 0.</summary>
    public static RedisCommand<string> SetConfigEpoch(long epoch) => new(Replies.Done, "CLUSTER", "SET-CONFIG-EPOCH", epoch);

    /// <summary>Makes this node a replica of the given master. A master must have neither slots nor keys; the target must be known.</summary>
    public static RedisCommand<string> Replicate(NodeId master) => new(Replies.Done, "CLUSTER", "REPLICATE", master);

    /// <summary>Removes a node from this node's table and bans it for 60 s; <c>Unknown node</c> unless it is banned already.</summary>
    public static RedisCommand<string> Forget(NodeId node) => new(Replies.Done, "CLUSTER", "FORGET", node);

    /// <summary>Makes this replica a master. OK means begun; look at its role for the outcome.</summary>
    public static RedisCommand<string> Failover(FailoverMode mode) => mode switch
    {
        FailoverMode.Force => new(Replies.Done, "CLUSTER", "FAILOVER", "FORCE"),
        FailoverMode.Takeover => new(Replies.Done, "CLUSTER", "FAILOVER", "TAKEOVER"),
        _ => new(Replies.Done, "CLUSTER", "FAILOVER"),
    };

    /// <summary>Leaves the cluster; <paramref name="hard"/> also takes a new id and epoch 0. A master with keys refuses, a replica is flushed.</summary>
    public static RedisCommand<string> Reset(bool hard) => new(Replies.Done, "CLUSTER", "RESET", hard ? "HARD" : "SOFT");

    /// <summary>To the target first: the slot comes from <paramref name="source"/>.</summary>
    public static RedisCommand<string> SetSlotImporting(int slot, NodeId source) => new(Replies.Done, "CLUSTER", "SETSLOT", slot, "IMPORTING", source);

    /// <summary>To the source: the slot leaves for <paramref name="target"/>.</summary>
    public static RedisCommand<string> SetSlotMigrating(int slot, NodeId target) => new(Replies.Done, "CLUSTER", "SETSLOT", slot, "MIGRATING", target);

    /// <summary>Ends importing and migrating without a change of owner.</summary>
    public static RedisCommand<string> SetSlotStable(int slot) => new(Replies.Done, "CLUSTER", "SETSLOT", slot, "STABLE");

    /// <summary>Gives the slot to a node; to the target first, then to the source (redis #7116).</summary>
    public static RedisCommand<string> SetSlotNode(int slot, NodeId owner) => new(Replies.Done, "CLUSTER", "SETSLOT", slot, "NODE", owner);

    /// <summary>How many keys this node has in the slot. Thousands of slots may be in question at every look, so each command is made once.</summary>
    public static RedisCommand<long> CountKeysInSlot(int slot) => Counts[slot] ??= new(Replies.Integer, "CLUSTER", "COUNTKEYSINSLOT", slot);

    /// <summary>Up to <paramref name="count"/> keys that this node has in the slot.</summary>
    public static RedisCommand<IReadOnlyList<byte[]>> GetKeysInSlot(int slot, int count) => new(Replies.Blobs, "CLUSTER", "GETKEYSINSLOT", slot, count);

    static SortedDictionary<NodeId, long> ReadOffsets(RespValue shards)
    {
        var offsets = new SortedDictionary<NodeId, long>();
        foreach (var shard in shards.Items)
        {
            foreach (var node in Replies.Find(shard, "nodes").Items)
            {
                offsets[Replies.NodeId(Replies.Find(node, "id"))] = Replies.Integer(Replies.Find(node, "replication-offset"));
            }
        }

        return offsets;
    }

    static RedisCommand<string> OfRanges(string subcommand, SlotSet slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        if (slots.IsEmpty)
        {
            throw new ArgumentException($"CLUSTER {subcommand} needs at least one slot.", nameof(slots));
        }

        List<RedisArgument> arguments = ["CLUSTER", subcommand];
        foreach (var range in slots.Ranges)
        {
            arguments.Add(range.First);
            arguments.Add(range.Last);
        }

        return new(Replies.Done, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(arguments));
    }
}
