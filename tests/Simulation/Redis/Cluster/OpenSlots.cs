using System.Collections;
using System.Collections.Immutable;
using Slotwise.Redis;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>
/// Slots of which a server knows that they are on their way, and to whom or from whom. As nodes.conf is written after every change, thousands of times while a shard
/// is emptied, what is written shares what did not change.
/// </summary>
sealed class OpenSlots : IEnumerable<KeyValuePair<int, KnownNode>>
{
    SlotSet? _slots = SlotSet.Empty;

    /// <summary>All of them as they are now; this does not change any more.</summary>
    public ImmutableSortedDictionary<int, KnownNode> Now { get; private set; } = ImmutableSortedDictionary<int, KnownNode>.Empty;

    public int Count => Now.Count;

    public SlotSet Slots => _slots ??= SlotSet.Of([.. Now.Keys]);

    /// <summary>The peer of a slot; null where the slot is not open.</summary>
    public KnownNode? this[int slot] => Now.GetValueOrDefault(slot);

    public void Open(int slot, KnownNode peer) => Set(Now.SetItem(slot, peer));

    /// <summary>True if it was open.</summary>
    public bool Close(int slot)
    {
        var isOpen = Now.ContainsKey(slot);
        Set(Now.Remove(slot));
        return isOpen;
    }

    public void CloseAll() => Set(Now.Clear());

    /// <summary>The slots as they are now, whatever is opened or closed meanwhile.</summary>
    public IEnumerator<KeyValuePair<int, KnownNode>> GetEnumerator() => Now.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void Set(ImmutableSortedDictionary<int, KnownNode> peers)
    {
        Now = peers;
        _slots = peers.IsEmpty ? SlotSet.Empty : null;
    }
}
