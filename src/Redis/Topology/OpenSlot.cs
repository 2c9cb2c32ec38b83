namespace Slotwise.Redis;

/// <summary>A slot that is being moved key by key, as the node that was asked sees it.</summary>
/// <param name="Slot">The slot, 0 to 16383.</param>
/// <param name="Peer">Where it migrates to, or where it is imported from.</param>
public readonly record struct OpenSlot(int Slot, NodeId Peer);
