using Slotwise.Redis;

namespace Slotwise.EndToEnd.Walks.Laws;

/// <summary>For how long something is so of slots, without a break.</summary>
sealed class SlotsOverTime
{
    readonly List<(TimeSpan Since, SlotSet Slots)> _runs = [];

    /// <summary>Notes of which slots it is so now.</summary>
    /// <returns>Those of which it has been so for longest, and since when; nothing where it is so of none.</returns>
    public (TimeSpan Since, SlotSet Slots)? Note(TimeSpan now, SlotSet slots)
    {
        var rest = slots;
        for (var index = 0; index < _runs.Count; index++)
        {
            _runs[index] = (_runs[index].Since, _runs[index].Slots.Intersect(slots));
            rest = rest.Except(_runs[index].Slots);
        }

        _runs.Add((now, rest));
        _runs.RemoveAll(run => run.Slots.IsEmpty);
        return _runs.Count == 0 ? null : _runs[0];
    }
}
