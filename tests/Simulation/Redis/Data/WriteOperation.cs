using System.Collections.Immutable;
using Slotwise.Redis;

namespace Slotwise.Simulation.Redis.Data;

/// <summary>What a master tells its replicas to do, one entry of its replication stream.</summary>
/// <param name="Kind">What.</param>
/// <param name="Key">Of SET and DEL.</param>
/// <param name="Value">Of SET.</param>
public sealed record WriteOperation(WriteKind Kind, string Key = "", StoredValue Value = default)
{
    /// <summary>What a PING takes in the stream; it changes nothing but the offset.</summary>
    public static readonly WriteOperation Ping = new(WriteKind.Ping);

    /// <summary>Of FUNCTION RESTORE and of a flush: the functions that there are then.</summary>
    public ImmutableSortedSet<string> Functions { get; init; } = [];

    /// <summary>Of <see cref="WriteKind.SlotChange"/>: which slot, what is done with it, and the node that it is about.</summary>
    public (int Slot, string Action, NodeId? Node) SlotChange { get; init; }

    /// <summary>How much it takes in the stream, in bytes.</summary>
    public long Length => Kind switch
    {
        WriteKind.Set => 40 + Key.Length + Value.Size,
        WriteKind.Delete => 30 + Key.Length,
        WriteKind.Ping => 14,
        _ => 60,
    };

    public Keyspace ApplyTo(Keyspace keys) => Kind switch
    {
        WriteKind.Set => keys.Set(Key, Value),
        WriteKind.Delete => keys.Remove(Key),
        WriteKind.Functions => keys.WithFunctions(Functions),
        _ => keys,
    };
}

public enum WriteKind
{
    Set,
    Delete,
    Functions,
    Ping,

    /// <summary>SETSLOT on Valkey: it changes the table of slots, and no key.</summary>
    SlotChange,
}
