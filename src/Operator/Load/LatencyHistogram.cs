using System.Numerics;

namespace Slotwise.Operator.Load;

/// <summary>Latencies, to within 7 %, in a fixed and small room; any number of threads may add to it.</summary>
sealed class LatencyHistogram
{
    /// <summary>Each power of two of microseconds is cut into this many parts.</summary>
    const int Parts = 16;

    const int PartBits = 4;

    readonly long[] _counts = new long[64 * Parts];
    long _max;

    public TimeSpan Max => TimeSpan.FromMicroseconds(Interlocked.Read(ref _max));

    public long Count => _counts.Sum();

    public void Add(TimeSpan latency)
    {
        var microseconds = Math.Max(0, (long)latency.TotalMicroseconds);
        Interlocked.Increment(ref _counts[Bucket(microseconds)]);
        for (var max = Interlocked.Read(ref _max); microseconds > max;)
        {
            max = Interlocked.CompareExchange(ref _max, microseconds, max);
        }
    }

    /// <summary>The latency that a fraction of all stayed below; zero if there are none.</summary>
    public TimeSpan Percentile(double fraction)
    {
        var counts = _counts.ToArray();
        var rank = (long)Math.Ceiling(counts.Sum() * fraction);
        for (var bucket = 0; bucket < counts.Length && rank > 0; bucket++)
        {
            rank -= counts[bucket];
            if (rank <= 0)
            {
                return TimeSpan.FromMicroseconds(Math.Min(UpperEnd(bucket), Interlocked.Read(ref _max)));
            }
        }

        return TimeSpan.Zero;
    }

    static int Bucket(long value)
    {
        if (value < Parts)
        {
            return (int)value;
        }

        var power = BitOperations.Log2((ulong)value) - PartBits;
        return (power * Parts) + (int)(value >> power);
    }

    static long UpperEnd(int bucket)
    {
        if (bucket < Parts)
        {
            return bucket;
        }

        var power = (bucket / Parts) - 1;
        return ((long)((bucket % Parts) + Parts + 1) << power) - 1;
    }
}
