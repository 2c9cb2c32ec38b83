namespace Slotwise.Redis;

/// <summary>The flags of a node in CLUSTER NODES (redis cluster_legacy.c, redisNodeFlagsTable).</summary>
[Flags]
public enum ClusterNodeFlags
{
    /// <summary><c>noflags</c></summary>
    None = 0,

    /// <summary><c>myself</c>: the node that was asked.</summary>
    Myself = 1,

    /// <summary><c>master</c></summary>
    Master = 2,

    /// <summary><c>slave</c></summary>
    Replica = 4,

    /// <summary><c>fail?</c>: not reachable from the node that was asked.</summary>
    PossiblyFailing = 8,

    /// <summary><c>fail</c>: a majority of the masters could not reach it.</summary>
    Failed = 16,

    /// <summary><c>handshake</c>: met, but has not proved itself yet; its id is a made-up one.</summary>
    Handshake = 32,

    /// <summary><c>noaddr</c>: its address is not known.</summary>
    NoAddress = 64,

    /// <summary><c>nofailover</c>: a replica that does not try to replace its master.</summary>
    NoFailover = 128,
}
