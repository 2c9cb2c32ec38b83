using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning;

/// <summary>Collects slots under what shall be done with them, in the order in which it was first said.</summary>
sealed class SlotGroups<TKey>
    where TKey : notnull
{
    readonly OrderedDictionary<TKey, SlotSetBuilder> _groups = [];

    public void Add(TKey key, int slot)
    {
        if (!_groups.TryGetValue(key, out var slots))
        {
            _groups[key] = slots = new SlotSetBuilder();
        }

        slots.Add(slot);
    }

    public void Add(TKey key, SlotSet slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        if (!_groups.TryGetValue(key, out var group))
        {
            _groups[key] = group = new SlotSetBuilder();
        }

        foreach (var range in slots.Ranges)
        {
            group.Add(range.First, range.Last);
        }
    }

    /// <summary>The groups; the collection is empty afterwards.</summary>
    public IReadOnlyList<(TKey Key, SlotSet Slots)> Build()
    {
        List<(TKey Key, SlotSet Slots)> built = [.. _groups.Select(group => (group.Key, group.Value.Build()))];
        _groups.Clear();
        return built;
    }
}
