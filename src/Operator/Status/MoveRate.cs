using Slotwise.Entities;

namespace Slotwise.Operator.Status;

/// <summary>How far a change is in which slots move, and how fast it goes on.</summary>
/// <param name="Moved">Slots that moved since it was first looked at.</param>
/// <param name="Remaining">Slots that are still to be moved.</param>
/// <param name="SlotsPerSecond">How many move in a second; null until that can be said.</param>
/// <param name="TimeLeft">How long it takes if it goes on like this; null where nothing moves.</param>
sealed record MoveProgress(int Moved, int Remaining, double? SlotsPerSecond, TimeSpan? TimeLeft);

/// <summary>Measures how fast slots move, from what was seen of it one look after the other.</summary>
sealed class MoveRate(TimeProvider time)
{
    /// <summary>Long enough that a large slot among small ones does not make the time that is left jump, short enough to notice that it got slower.</summary>
    static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    /// <summary>Of less nothing can be said.</summary>
    static readonly TimeSpan ShortestSpan = TimeSpan.FromSeconds(1);

    readonly Queue<(long At, int Remaining)> _looks = new();
    DateTimeOffset? _started;
    int _moved;
    int? _last;

    /// <summary>Takes one more look into account; null while no slots move.</summary>
    public MoveProgress? Observe(RedisClusterOperation? operation)
    {
        if (operation?.SlotsRemaining is not { } remaining)
        {
            return null;
        }

        if (operation.StartTime != _started || remaining > _last)
        {
            // Another change, or the wish changed in the middle of it.
            _started = operation.StartTime;
            _moved = 0;
            _last = null;
            _looks.Clear();
        }

        _moved += (_last ?? remaining) - remaining;
        _last = remaining;
        _looks.Enqueue((time.GetTimestamp(), remaining));
        while (_looks.Count > 2 && time.GetElapsedTime(_looks.Peek().At) > Window)
        {
            _looks.Dequeue();
        }

        var first = _looks.Peek();
        var span = time.GetElapsedTime(first.At);
        var rate = span < ShortestSpan ? (double?)null : (first.Remaining - remaining) / span.TotalSeconds;
        return new MoveProgress(_moved, remaining, rate, rate > 0 ? TimeSpan.FromSeconds(remaining / rate.Value) : null);
    }
}
