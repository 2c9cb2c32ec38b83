namespace Slotwise.Redis;

/// <summary>Collects slots one by one or by range; one builder may build many sets.</summary>
public sealed class SlotSetBuilder
{
    readonly ulong[] _bits = new ulong[SlotSet.WordCount];
    bool _isEmpty = true;

    /// <summary>Adds the slots from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An end is not within 0 to 16383, or they are the wrong way round.</exception>
    public void Add(int first, int last)
    {
        SlotSet.SetRange(_bits, first, last);
        _isEmpty = false;
    }

    /// <summary>Adds one slot, 0 to 16383.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slot is out of range.</exception>
    public void Add(int slot) => Add(slot, slot);

    /// <summary>The slots added since the last call; the builder is empty afterwards.</summary>
    public SlotSet Build()
    {
        if (_isEmpty)
        {
            return SlotSet.Empty;
        }

        var slots = SlotSet.FromBits(_bits);
        Array.Clear(_bits);
        _isEmpty = true;
        return slots;
    }
}
