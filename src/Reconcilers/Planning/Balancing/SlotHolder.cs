using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Balancing;

/// <summary>Who owns slots or shall own some.</summary>
/// <param name="Shard">The index of the shard.</param>
/// <param name="Master">Its master; null while there is none.</param>
/// <param name="Slots">What it owns.</param>
/// <param name="Stays">False for a shard that is to be emptied, and for a second master of a shard.</param>
public sealed record SlotHolder(int Shard, Member? Master, SlotSet Slots, bool Stays)
{
    public override string ToString() => Master?.ToString() ?? $"shard {Shard}";
}
