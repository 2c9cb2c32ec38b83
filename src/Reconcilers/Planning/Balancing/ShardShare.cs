using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Balancing;

/// <summary>What one shard owns and what share of the whole it shall own.</summary>
/// <param name="Shard">The index of the shard.</param>
/// <param name="Slots">The slots that it owns now.</param>
/// <param name="Weight">
/// Its share beside those of the others, at least 0; a shard to drain has 0. Today every other shard has 1; keys, bytes or load can take its place.
/// </param>
public sealed record ShardShare(int Shard, SlotSet Slots, int Weight);

/// <summary>Slots that go from one shard to another.</summary>
public sealed record SlotTransfer(int From, int To, SlotSet Slots);
