namespace Slotwise.Redis;

/// <summary>Shares the slots of a new cluster out among its masters.</summary>
public static class SlotPartition
{
    /// <summary>
    /// One contiguous share per index, exactly as <c>redis-cli --cluster create</c> gives it (0-5460, 5461-10922 and 10923-16383 for 3),
    /// so that a cluster looks the same whoever formed it.
    /// </summary>
    /// <param name="shards">How many masters share the slots, 1 to 16384.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="shards"/> is out of its range.</exception>
    public static IReadOnlyList<SlotSet> Split(int shards)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shards, SlotSet.SlotCount);

        // redis-cli.c adds up single-precision numbers; wider ones would round some shares the other way
        var perShard = SlotSet.SlotCount / (float)shards;
        var cursor = 0f;
        var first = 0;
        var shares = new SlotSet[shards];
        for (var index = 0; index < shards; index++)
        {
            var last = index == shards - 1
                ? SlotSet.SlotCount - 1
                : (int)MathF.Round(cursor + perShard - 1, MidpointRounding.AwayFromZero);
            shares[index] = SlotSet.FromRange(first, last);
            first = last + 1;
            cursor += perShard;
        }

        return shares;
    }
}
