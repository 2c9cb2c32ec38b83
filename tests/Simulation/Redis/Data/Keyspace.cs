using System.Collections.Immutable;
using Slotwise.Redis;

namespace Slotwise.Simulation.Redis.Data;

/// <summary>
/// What a server holds: keys by slot, and functions. Immutable, so that a snapshot costs nothing: full syncs, append-only files and oracles keep old states as
/// they are.
/// </summary>
public sealed class Keyspace
{
    /// <summary>What a key takes besides its name and value, in bytes.</summary>
    const int Overhead = 56;

    public static readonly Keyspace Empty = new(ImmutableSortedDictionary<int, ImmutableSortedDictionary<string, StoredValue>>.Empty, [], 0, 0, 0);

    readonly ImmutableSortedDictionary<int, ImmutableSortedDictionary<string, StoredValue>> _slots;

    Keyspace(
        ImmutableSortedDictionary<int, ImmutableSortedDictionary<string, StoredValue>> slots,
        ImmutableSortedSet<string> functions,
        int count,
        long bytes,
        ulong digest)
    {
        _slots = slots;
        Functions = functions;
        Count = count;
        Bytes = bytes;
        Digest = digest;
    }

    /// <summary>How many keys there are.</summary>
    public int Count { get; }

    /// <summary>What the keys take, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Equal for equal contents, whatever order they came in.</summary>
    public ulong Digest { get; }

    /// <summary>The libraries of functions, by name.</summary>
    public ImmutableSortedSet<string> Functions { get; }

    /// <summary>The slots that have keys.</summary>
    public SlotSet Slots => SlotSet.Of([.. _slots.Keys]);

    public IEnumerable<(string Key, StoredValue Value)> All => _slots.Values.SelectMany(keys => keys.Select(entry => (entry.Key, entry.Value)));

    public static long SizeOf(string key, StoredValue value) => key.Length + value.Size + Overhead;

    public bool HasKeysIn(int slot) => _slots.ContainsKey(slot);

    public int CountIn(int slot) => _slots.TryGetValue(slot, out var keys) ? keys.Count : 0;

    public IEnumerable<string> KeysIn(int slot, int max) => _slots.TryGetValue(slot, out var keys) ? keys.Keys.Take(max) : [];

    public bool TryGet(string key, out StoredValue value) => TryGet(key, SlotHash.Of(key), out value);

    public bool TryGet(string key, int slot, out StoredValue value)
    {
        value = default;
        return _slots.TryGetValue(slot, out var keys) && keys.TryGetValue(key, out value);
    }

    public Keyspace Set(string key, StoredValue value)
    {
        var slot = SlotHash.Of(key);
        var keys = _slots.GetValueOrDefault(slot) ?? ImmutableSortedDictionary.Create<string, StoredValue>(StringComparer.Ordinal);
        var digest = Digest ^ HashOf(key, value);
        var bytes = Bytes + SizeOf(key, value);
        var count = Count + 1;
        if (keys.TryGetValue(key, out var old))
        {
            digest ^= HashOf(key, old);
            bytes -= SizeOf(key, old);
            count--;
        }

        return new Keyspace(_slots.SetItem(slot, keys.SetItem(key, value)), Functions, count, bytes, digest);
    }

    public Keyspace Remove(string key)
    {
        var slot = SlotHash.Of(key);
        if (!TryGet(key, slot, out var old))
        {
            return this;
        }

        var keys = _slots[slot].Remove(key);
        var slots = keys.IsEmpty ? _slots.Remove(slot) : _slots.SetItem(slot, keys);
        return new Keyspace(slots, Functions, Count - 1, Bytes - SizeOf(key, old), Digest ^ HashOf(key, old));
    }

    public Keyspace RemoveSlots(SlotSet slots)
    {
        var left = this;
        foreach (var slot in _slots.Keys.Where(slots.Contains))
        {
            foreach (var key in _slots[slot].Keys)
            {
                left = left.Remove(key);
            }
        }

        return left;
    }

    public Keyspace WithFunctions(ImmutableSortedSet<string> functions) => new(_slots, functions, Count, Bytes, Digest);

    // FNV-1a, finished so that the sum of many stays spread.
    static ulong HashOf(string key, StoredValue value)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in key)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        hash = (hash ^ ':') * 1099511628211UL;
        foreach (var letter in value.Text)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        return hash ^ (hash >> 33);
    }
}

/// <summary>A value: all of the model's are strings.</summary>
/// <param name="Text">What GET answers.</param>
/// <param name="Size">How large it says to be, in bytes: large values are only pretended.</param>
public readonly record struct StoredValue(string Text, long Size)
{
    public StoredValue(string text)
        : this(text, text.Length)
    {
    }
}
