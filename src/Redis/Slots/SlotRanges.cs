using System.Collections;

namespace Slotwise.Redis;

/// <summary>The ranges of a <see cref="SlotSet"/> in rising order; <c>foreach</c> over it allocates nothing.</summary>
public readonly struct SlotRanges : IEnumerable<SlotRange>
{
    readonly SlotSet _slots;

    internal SlotRanges(SlotSet slots) => _slots = slots;

    public Enumerator GetEnumerator() => new(_slots);

    IEnumerator<SlotRange> IEnumerable<SlotRange>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Walks the ranges from the lowest to the highest.</summary>
    public struct Enumerator : IEnumerator<SlotRange>
    {
        readonly SlotSet _slots;
        int _next;

        internal Enumerator(SlotSet slots) => _slots = slots;

        public SlotRange Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            var first = _slots.NextSlot(_next);
            if (first < 0)
            {
                return false;
            }

            Current = new SlotRange(first, _slots.LastOfRun(first));
            _next = Current.Last + 1;
            return true;
        }

        public void Reset() => _next = 0;

        public readonly void Dispose()
        {
        }
    }
}
