namespace Slotwise.Reconcilers.Planning.Balancing;

/// <summary>The memory of one server, in bytes.</summary>
/// <param name="Server">Its name, for people.</param>
/// <param name="Used">What it uses now.</param>
/// <param name="Capacity">What it may use; null where nothing limits it.</param>
public sealed record ServerMemory(string Server, long Used, long? Capacity);

/// <summary>The memory of a shard.</summary>
/// <param name="Dataset">Bytes that the keys of its master take.</param>
/// <param name="Slots">Slots over which these keys are spread.</param>
/// <param name="Servers">The master and its replicas: each has to take what the shard receives.</param>
public sealed record ShardMemory(long Dataset, int Slots, IReadOnlyList<ServerMemory> Servers);

/// <summary>A server that has too little memory for what its shard shall receive.</summary>
/// <param name="Shard">The index of its shard.</param>
/// <param name="Server">The server.</param>
/// <param name="Need">Bytes that it shall receive.</param>
/// <param name="Room">Bytes that it can take.</param>
public sealed record MemoryShortage(int Shard, ServerMemory Server, long Need, long Room);

/// <summary>
/// Whether the keys of slots that shall move fit where they go. A server that is full evicts keys or refuses writes, so this is asked before the
/// first slot moves and again before each batch.
/// </summary>
public static class MemoryFit
{
    /// <summary>Percent of its memory that a server does not fill up by what is moved to it: buffers and the next writes need some.</summary>
    const int KeptPercent = 10;

    /// <summary>The servers that cannot take what the transfers bring, the worst one of each shard; empty when everything fits.</summary>
    /// <param name="transfers">All that is to move.</param>
    /// <param name="memory">The memory of every shard that the transfers name, by its index.</param>
    public static IReadOnlyList<MemoryShortage> FindShortages(IReadOnlyList<SlotTransfer> transfers, IReadOnlyDictionary<int, ShardMemory> memory)
    {
        ArgumentNullException.ThrowIfNull(transfers);
        ArgumentNullException.ThrowIfNull(memory);
        var shortages = new List<MemoryShortage>();
        foreach (var receiver in transfers.GroupBy(transfer => transfer.To).OrderBy(group => group.Key))
        {
            var need = receiver.Sum(transfer => Weigh(transfer, memory[transfer.From]));
            var tightest = memory[receiver.Key].Servers
                .Select(server => new MemoryShortage(receiver.Key, server, need, Room(server)))
                .MinBy(candidate => candidate.Room);
            if (tightest is not null && tightest.Need > tightest.Room)
            {
                shortages.Add(tightest);
            }
        }

        return shortages;
    }

    /// <summary>The share of the donor's dataset that its slots hold, supposing that all hold as much.</summary>
    static long Weigh(SlotTransfer transfer, ShardMemory donor) =>
        donor.Slots == 0 ? 0 : (long)Math.Ceiling((double)donor.Dataset * transfer.Slots.Count / donor.Slots);

    static long Room(ServerMemory server) => server.Capacity is { } capacity
        ? Math.Max(0, (long)(capacity * (100.0 - KeptPercent) / 100) - server.Used)
        : long.MaxValue;
}
