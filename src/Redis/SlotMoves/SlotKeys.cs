namespace Slotwise.Redis.SlotMoves;

/// <summary>Keys of one slot that are to be sent.</summary>
sealed record SlotKeys(int Slot, IReadOnlyList<SizedKey> Keys)
{
    /// <summary>In the source's memory.</summary>
    public long Bytes => Keys.Sum(key => key.Bytes);
}

/// <summary>A key and what it takes in the source's memory, as MEMORY USAGE estimates it.</summary>
readonly record struct SizedKey(byte[] Name, long Bytes);
