namespace Slotwise.Redis.SlotMoves;

/// <summary>
/// How much goes into one write of MIGRATE commands. Both servers stand still for that long, so it follows the measured time: it grows slowly,
/// shrinks at once, and never below what is worth a round trip.
/// </summary>
sealed class MigratePace
{
    /// <summary>What a key costs beside its bytes: lookups, its protocol, an answer, a DEL for the replicas.</summary>
    public const int BytesPerKey = 1000;

    const long Smallest = 16 << 10;
    const long Largest = 4 << 20;

    /// <summary>
    /// Bytes of a key in memory that are packed, sent and unpacked in a second. Measured on a busy machine: a hash of 2.6 million fields, 196 MB, took 5 s,
    /// a sorted set of 2 million members, 193 MB, 2.4 s, a list of large strings, 105 MB, 1.1 s; the slowest of them, and some room.
    /// </summary>
    const double BytesPerSecond = 25 << 20;

    static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(1);

    /// <summary>Bytes, and <see cref="BytesPerKey"/> for each key, that may be under way at a time.</summary>
    public long Window { get; private set; } = 64 << 10;

    public static long Weigh(SizedKey key) => key.Bytes + BytesPerKey;

    /// <summary>How long both servers stand still for a key of that size.</summary>
    public static TimeSpan ExpectedStall(long bytes) => TimeSpan.FromSeconds(bytes / BytesPerSecond);

    /// <summary>Takes a measurement into account: what was sent, and how long it took.</summary>
    public void Learn(long weight, TimeSpan elapsed)
    {
        // a key larger than the window says nothing about many small ones
        if (weight < Window / 4 || weight > Window * 2)
        {
            return;
        }

        var fitting = weight * (Aim / elapsed);
        Window = Math.Clamp((long)Math.Min(fitting, Window * 1.25), Smallest, Largest);
    }
}
