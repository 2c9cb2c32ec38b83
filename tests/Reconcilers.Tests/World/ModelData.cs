using System.Text;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.World;

/// <summary>The keys of a model server, by slot; a value stands for what DUMP would print.</summary>
sealed class ModelData
{
    readonly SortedDictionary<int, SortedDictionary<string, byte[]>> _slots = [];

    public int Count => _slots.Values.Sum(keys => keys.Count);

    public long Bytes => _slots.Values.Sum(keys => keys.Sum(entry => SizeOf(entry.Key, entry.Value)));

    public IEnumerable<(string Key, byte[] Value)> All => _slots.Values.SelectMany(keys => keys.Select(entry => (entry.Key, entry.Value)));

    public SlotSet Slots => SlotSet.Of([.. _slots.Keys]);

    /// <summary>What MEMORY USAGE says: the key, the value and some overhead.</summary>
    public static long SizeOf(string key, byte[] value) => Encoding.UTF8.GetByteCount(key) + value.Length + 56;

    public int CountIn(int slot) => _slots.TryGetValue(slot, out var keys) ? keys.Count : 0;

    public IReadOnlyList<string> KeysIn(int slot, int max) => _slots.TryGetValue(slot, out var keys) ? [.. keys.Keys.Take(max)] : [];

    public byte[]? Get(string key) => _slots.TryGetValue(SlotHash.Of(key), out var keys) ? keys.GetValueOrDefault(key) : null;

    public void Put(string key, byte[] value)
    {
        var slot = SlotHash.Of(key);
        if (!_slots.TryGetValue(slot, out var keys))
        {
            _slots[slot] = keys = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        }

        keys[key] = value;
    }

    public void Remove(string key)
    {
        var slot = SlotHash.Of(key);
        if (_slots.TryGetValue(slot, out var keys) && keys.Remove(key) && keys.Count == 0)
        {
            _slots.Remove(slot);
        }
    }

    public void RemoveSlots(SlotSet slots)
    {
        foreach (var slot in _slots.Keys.Where(slots.Contains).ToList())
        {
            _slots.Remove(slot);
        }
    }

    public void Clear() => _slots.Clear();

    /// <summary>A full sync: everything that was here is gone.</summary>
    public void CopyFrom(ModelData other)
    {
        _slots.Clear();
        foreach (var (key, value) in other.All)
        {
            Put(key, value);
        }
    }
}
