namespace Slotwise.Simulation.Redis.Server;

/// <summary>How one server differs from others, as far as it matters here.</summary>
/// <param name="Product">redis or valkey.</param>
/// <param name="Version">In full.</param>
public sealed record ServerProfile(string Product, string Version)
{
    /// <summary>Redis 7.0 forgets a node here only; later ones tell others of it and say OK to a second FORGET within the ban.</summary>
    public bool GossipsForget { get; init; }

    /// <summary>The mark that an owner no longer claims a slot goes when the slot gets an owner (7.2 and later).</summary>
    public bool ClearsUnclaimedMark { get; init; }

    /// <summary>Keys of slots that were lost are deleted on the replicas, too (after 7.0).</summary>
    public bool ReplicatesLostKeys { get; init; }

    /// <summary>SETSLOT is confirmed by the replicas before it takes effect (Valkey 8).</summary>
    public bool ReplicatesSetSlot { get; init; }

    /// <summary>An election that is over leaves nothing behind (Valkey); on Redis its votes stay until the next one is scheduled.</summary>
    public bool ResetsElections { get; init; }

    /// <summary>ACL LOAD cuts the connections of all users, those of replicas too (7.0).</summary>
    public bool CutsConnectionsWithUsers { get; init; }

    /// <summary>A manual failover gets votes although there was one about the same master a moment ago (Valkey 8.1).</summary>
    public bool VotesAgainForManual { get; init; }

    /// <summary>A master and its replicas share an id of their shard, by which a failover is told from a move (7.2 and later).</summary>
    public bool HasShards { get; init; }

    /// <summary>CLUSTER MIGRATESLOTS (Valkey 9).</summary>
    public bool HasSlotJobs { get; init; }

    /// <summary>CLUSTER MIGRATION (Redis 8.4).</summary>
    public bool HasSlotTasks { get; init; }

    public bool IsValkey => Product == "valkey";

    /// <summary>What it calls itself.</summary>
    public string Title => IsValkey ? "Valkey" : "Redis";

    public static ServerProfile Redis70 { get; } = new("redis", "7.0.15") { CutsConnectionsWithUsers = true };

    public static ServerProfile Redis80 { get; } = new("redis", "8.0.2")
    {
        GossipsForget = true,
        ClearsUnclaimedMark = true,
        ReplicatesLostKeys = true,
        HasShards = true,
    };

    public static ServerProfile Redis84 { get; } = Redis80 with { Version = "8.4.0", HasSlotTasks = true };

    public static ServerProfile Valkey81 { get; } = new("valkey", "8.1.1")
    {
        GossipsForget = true,
        ClearsUnclaimedMark = true,
        ReplicatesLostKeys = true,
        ReplicatesSetSlot = true,
        HasShards = true,
        ResetsElections = true,
        VotesAgainForManual = true,
    };

    public static ServerProfile Valkey9 { get; } = Valkey81 with { Version = "9.1.2", HasSlotJobs = true };
}
