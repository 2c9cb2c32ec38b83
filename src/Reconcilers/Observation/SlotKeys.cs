using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>
/// On which masters there are keys of the slots about which there is a question: who owns them is open, claimed twice or by nobody. Settled
/// clusters are not asked.
/// </summary>
/// <param name="Asked">The slots in question.</param>
/// <param name="Held">Of these, the ones of which a master holds keys, by the master's node id. A master that did not answer is not in it.</param>
public sealed record SlotKeys(SlotSet Asked, IReadOnlyDictionary<NodeId, SlotSet> Held)
{
    public static readonly SlotKeys None = new(SlotSet.Empty, new SortedDictionary<NodeId, SlotSet>());

    /// <summary>Whether the node holds keys of the slot; null when that is not known.</summary>
    public bool? Holds(NodeId node, int slot) => Asked.Contains(slot) && Held.TryGetValue(node, out var held) ? held.Contains(slot) : null;
}
