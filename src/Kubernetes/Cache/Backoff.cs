namespace Slotwise.Kubernetes.Cache;

/// <summary>
/// How long to wait before asking the API server again: 800 ms, doubled up to 30 s, each with as much again at random so that
/// many clients do not come back at once; from the start again after two minutes without failure. (client-go's reflector.)
/// </summary>
sealed class Backoff(TimeProvider time, Random random)
{
    static readonly TimeSpan First = TimeSpan.FromMilliseconds(800);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    static readonly TimeSpan HealthyAfter = TimeSpan.FromMinutes(2);

    TimeSpan _next = First;
    long _lastEnd;
    bool _failedBefore;

    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);

    internal TimeSpan Next()
    {
        if (_failedBefore && time.GetElapsedTime(_lastEnd) >= HealthyAfter)
        {
            _next = First;
        }

        var delay = _next * (1 + random.NextDouble());
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        _lastEnd = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        _failedBefore = true;
        return delay;
    }
}
