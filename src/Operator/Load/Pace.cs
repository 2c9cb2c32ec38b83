namespace Slotwise.Operator.Load;

/// <summary>Lets something happen once per interval. What is missed while it takes longer is not made up for at a run.</summary>
/// <param name="interval">Zero for no pause at all.</param>
/// <param name="phase">When in the interval it happens, 0 to 1.</param>
/// <param name="time">The clock.</param>
sealed class Pace(TimeSpan interval, double phase, TimeProvider time)
{
    static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(20);

    readonly long _start = time.GetTimestamp();
    TimeSpan _next = interval * phase;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (interval == TimeSpan.Zero)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }

        var now = time.GetElapsedTime(_start);
        if (_next > now)
        {
            await Task.Delay(_next - now, time, cancellationToken);
            now = _next;
        }

        // timers are late by a millisecond or more, which is made up for; what the servers keep us waiting for is not
        _next = now - _next < interval + Lateness ? _next + interval : now + interval;
    }
}
