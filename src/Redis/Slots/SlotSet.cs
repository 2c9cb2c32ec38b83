using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Slotwise.Redis;

/// <summary>
/// An immutable set of hash slots, equal to another when both hold the same slots.
/// </summary>
/// <remarks>
/// It is a bit map of 16384 bits of which only the words between the lowest and the highest slot are kept: the usual
/// contiguous share of one master of many takes a few bytes, not 2 KB.
/// </remarks>
public sealed class SlotSet : IEquatable<SlotSet>, IEnumerable<int>
{
    /// <summary>The number of hash slots of a Redis Cluster.</summary>
    public const int SlotCount = 16384;

    internal const int WordCount = SlotCount / 64;

    /// <summary>No slot.</summary>
    public static readonly SlotSet Empty = new(0, []);

    /// <summary>All 16384 slots.</summary>
    public static readonly SlotSet Full = FromRange(0, SlotCount - 1);

    readonly int _offset;
    readonly ulong[] _words;

    SlotSet(int offset, ulong[] words)
    {
        _offset = offset;
        _words = words;
        var count = 0;
        foreach (var word in words)
        {
            count += BitOperations.PopCount(word);
        }

        Count = count;
    }

    /// <summary>How many slots are in the set, 0 to 16384.</summary>
    public int Count { get; }

    /// <summary>True when no slot is in the set.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>True when all 16384 slots are in the set.</summary>
    public bool IsFull => Count == SlotCount;

    /// <summary>The ranges of the set from the lowest slot to the highest; neighbours are merged.</summary>
    public SlotRanges Ranges => new(this);

    /// <summary>The set of the given slots.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A slot is not within 0 to 16383.</exception>
    public static SlotSet Of(params ReadOnlySpan<int> slots)
    {
        Span<ulong> bits = stackalloc ulong[WordCount];
        foreach (var slot in slots)
        {
            ThrowIfNoSlot(slot);
            bits[slot >> 6] |= 1UL << slot;
        }

        return FromBits(bits);
    }

    /// <summary>The slots from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An end is not within 0 to 16383, or they are the wrong way round.</exception>
    public static SlotSet FromRange(int first, int last)
    {
        Span<ulong> bits = stackalloc ulong[WordCount];
        SetRange(bits, first, last);
        return FromBits(bits);
    }

    /// <summary>The union of the given ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A range is not within 0 to 16383.</exception>
    public static SlotSet FromRanges(IEnumerable<SlotRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        Span<ulong> bits = stackalloc ulong[WordCount];
        foreach (var range in ranges)
        {
            SetRange(bits, range.First, range.Last);
        }

        return FromBits(bits);
    }

    /// <summary>Reads range text such as <c>0-5460,5462</c>; blanks separate as well as commas, empty text is the empty set.</summary>
    /// <exception cref="FormatException">The text is no list of ranges within 0 to 16383.</exception>
    public static SlotSet Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var slots)
            ? slots
            : throw new FormatException($"'{text}' is no list of slot ranges: write for example 0-5460,5462 with slots from 0 to {SlotCount - 1}.");
    }

    /// <summary>Reads range text; false when it is no list of ranges within 0 to 16383.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SlotSet? slots) => SlotSetText.TryParse(text, out slots);

    /// <summary>True when the slot is in the set; false for any number that is no slot.</summary>
    public bool Contains(int slot) => (uint)slot < SlotCount && (Word(slot >> 6) & (1UL << slot)) != 0;

    /// <summary>The slots of either set.</summary>
    public SlotSet Union(SlotSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (IsEmpty)
        {
            return other;
        }

        if (other.IsEmpty)
        {
            return this;
        }

        Span<ulong> bits = stackalloc ulong[WordCount];
        CopyTo(bits);
        for (var i = 0; i < other._words.Length; i++)
        {
            bits[other._offset + i] |= other._words[i];
        }

        return FromBits(bits);
    }

    /// <summary>The slots of this set that the other lacks.</summary>
    public SlotSet Except(SlotSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (IsEmpty || other.IsEmpty)
        {
            return this;
        }

        Span<ulong> bits = stackalloc ulong[WordCount];
        CopyTo(bits);
        for (var i = 0; i < other._words.Length; i++)
        {
            bits[other._offset + i] &= ~other._words[i];
        }

        return FromBits(bits);
    }

    /// <summary>The slots that both sets hold.</summary>
    public SlotSet Intersect(SlotSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Span<ulong> bits = stackalloc ulong[WordCount];
        for (var i = 0; i < _words.Length; i++)
        {
            bits[_offset + i] = _words[i] & other.Word(_offset + i);
        }

        return FromBits(bits);
    }

    /// <summary>The slots that this set lacks.</summary>
    public SlotSet Complement() => Full.Except(this);

    /// <summary>True when at least one slot is in both sets.</summary>
    public bool Overlaps(SlotSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < _words.Length; i++)
        {
            if ((_words[i] & other.Word(_offset + i)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the other set holds every slot of this one.</summary>
    public bool IsSubsetOf(SlotSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < _words.Length; i++)
        {
            if ((_words[i] & ~other.Word(_offset + i)) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The lowest <paramref name="count"/> slots of the set, or all of it when it holds fewer.</summary>
    public SlotSet Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count >= Count)
        {
            return this;
        }

        Span<ulong> bits = stackalloc ulong[WordCount];
        for (var i = 0; count > 0; i++)
        {
            var word = _words[i];
            var surplus = BitOperations.PopCount(word) - count;
            for (; surplus > 0; surplus--)
            {
                word &= ~(1UL << BitOperations.Log2(word));
            }

            bits[_offset + i] = word;
            count -= BitOperations.PopCount(word);
        }

        return FromBits(bits);
    }

    /// <summary>The lowest slot that is <paramref name="from"/> or above, or -1.</summary>
    public int NextSlot(int from)
    {
        from = Math.Max(from, _offset * 64);
        for (var i = from >> 6; i < _offset + _words.Length; i++)
        {
            var word = Word(i);
            if (i == from >> 6)
            {
                word &= ulong.MaxValue << from;
            }

            if (word != 0)
            {
                return (i * 64) + BitOperations.TrailingZeroCount(word);
            }
        }

        return -1;
    }

    /// <summary>The last slot of the run of slots that begins at <paramref name="slot"/>, which must be in the set.</summary>
    internal int LastOfRun(int slot)
    {
        for (var i = slot >> 6; i < WordCount; i++)
        {
            var gaps = ~Word(i);
            if (i == slot >> 6)
            {
                gaps &= ulong.MaxValue << slot;
            }

            if (gaps != 0)
            {
                return (i * 64) + BitOperations.TrailingZeroCount(gaps) - 1;
            }
        }

        return SlotCount - 1;
    }

    public bool Equals(SlotSet? other) =>
        other is not null && (ReferenceEquals(this, other) || (_offset == other._offset && _words.AsSpan().SequenceEqual(other._words)));

    public override bool Equals(object? obj) => Equals(obj as SlotSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(_offset);
        hash.AddBytes(MemoryMarshal.AsBytes<ulong>(_words));
        return hash.ToHashCode();
    }

    public static bool operator ==(SlotSet? left, SlotSet? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(SlotSet? left, SlotSet? right) => !(left == right);

    /// <summary>Range text such as <c>0-5460,5462</c>; empty for the empty set.</summary>
    public override string ToString() => ToString(',');

    /// <summary>Range text with the given separator; CLUSTER NODES separates by blanks.</summary>
    public string ToString(char separator) => SlotSetText.Print(this, separator);

    public IEnumerator<int> GetEnumerator()
    {
        for (var slot = NextSlot(0); slot >= 0; slot = NextSlot(slot + 1))
        {
            yield return slot;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static void SetRange(Span<ulong> bits, int first, int last)
    {
        ThrowIfNoSlot(first);
        ThrowIfNoSlot(last);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        var firstWord = first >> 6;
        var lastWord = last >> 6;
        var head = ulong.MaxValue << first;
        var tail = ulong.MaxValue >> (63 - (last & 63));
        if (firstWord == lastWord)
        {
            bits[firstWord] |= head & tail;
            return;
        }

        bits[firstWord] |= head;
        bits[(firstWord + 1)..lastWord].Fill(ulong.MaxValue);
        bits[lastWord] |= tail;
    }

    internal static SlotSet FromBits(ReadOnlySpan<ulong> bits)
    {
        var first = bits.IndexOfAnyExcept(0UL);
        return first < 0 ? Empty : new SlotSet(first, bits[first..(bits.LastIndexOfAnyExcept(0UL) + 1)].ToArray());
    }

    static void ThrowIfNoSlot(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
    }

    ulong Word(int index) => (uint)(index - _offset) < (uint)_words.Length ? _words[index - _offset] : 0;

    void CopyTo(Span<ulong> bits) => _words.CopyTo(bits[_offset..]);
}
