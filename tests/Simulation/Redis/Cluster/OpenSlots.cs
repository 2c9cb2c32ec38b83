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
    readonly Dictionary<KnownNode, int> _peers = [];

    /// <summary>All of them as they are now; this does not change any more.</summary>
    public ImmutableSortedDictionary<int, KnownNode> Now { get; private set; } = ImmutableSortedDictionary<int, KnownNode>.Empty;

    public int Count => Now.Count;

    public SlotSet Slots { get; private set; } = SlotSet.Empty;

    /// <summary>To whom or from whom, each once.</summary>
    public IReadOnlyCollection<KnownNode> Peers => _peers.Keys;

    /// <summary>The peer of a slot; null where the slot is not open.</summary>
    public KnownNode? this[int slot] => Now.GetValueOrDefault(slot);

    public void Open(int slot, KnownNode peer)
    {
        Close(slot);
        Now = Now.Add(slot, peer);
        Slots = Slots.Union(SlotSet.Of(slot));
        _peers[peer] = _peers.GetValueOrDefault(peer) + 1;
    }

    /// <summary>True if it was open.</summary>
    public bool Close(int slot)
    {
        if (this[slot] is not { } peer)
        {
            return false;
        }

        Now = Now.Remove(slot);
        Slots = Slots.Except(SlotSet.Of(slot));
        if (--_peers[peer] == 0)
        {
            _peers.Remove(peer);
        }

        return true;
    }

    public void CloseAll()
    {
        Now = Now.Clear();
        Slots = SlotSet.Empty;
        _peers.Clear();
    }

    /// <summary>The slots as they are now, whatever is opened or closed meanwhile.</summary>
    public IEnumerator<KeyValuePair<int, KnownNode>> GetEnumerator() => Now.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
