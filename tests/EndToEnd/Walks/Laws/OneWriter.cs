using Slotwise.Redis;

namespace Slotwise.EndToEnd.Walks.Laws;

/// <summary>Of a slot one server takes writes; two for at most 2 x node-timeout.</summary>
sealed class OneWriter(TimeSpan nodeTimeout) : WalkLaw
{
    readonly SortedDictionary<string, SlotsOverTime> _pairs = new(StringComparer.Ordinal);

    public override IEnumerable<string> Judge(WorldView view)
    {
        var writers = view.Servers.Select(server => (server.Pod, Slots: Writable(server))).OrderBy(writer => writer.Pod, StringComparer.Ordinal).ToList();
        var shared = (
            from one in writers
            from other in writers
            where string.CompareOrdinal(one.Pod, other.Pod) < 0 && one.Slots.Overlaps(other.Slots)
            select (Pair: $"{one.Pod} and {other.Pod}", Slots: one.Slots.Intersect(other.Slots))).ToDictionary(both => both.Pair, both => both.Slots);
        foreach (var pair in _pairs.Keys.Union(shared.Keys).ToList())
        {
            _pairs.TryAdd(pair, new SlotsOverTime());
            if (_pairs[pair].Note(view.At, shared.GetValueOrDefault(pair, SlotSet.Empty)) is { } longest && view.At - longest.Since > 2 * nodeTimeout)
            {
                yield return $"{pair} both take writes of slots {longest.Slots} for {(view.At - longest.Since).TotalSeconds:0.0} s";
            }
        }
    }

    static SlotSet Writable(ServerAnswer server) =>
        server.IsOk ? server.Owned.Except(SlotSet.Of([.. server.Myself.Migrating.Select(open => open.Slot)])) : SlotSet.Empty;
}
