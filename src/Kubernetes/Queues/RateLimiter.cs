namespace Slotwise.Kubernetes.Queues;

/// <summary>
/// How long a key that failed has to wait: its own back-off of 200 ms, doubled up to 5 minutes, or its turn among all keys
/// that fail (10 a second after the first 100), whichever is later.
/// </summary>
sealed class RateLimiter<TKey>(TimeProvider time)
    where TKey : struct, IComparable<TKey>
{
    const int Burst = 100;
    const double PerSecond = 10;

    static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    readonly SortedDictionary<TKey, int> _failures = [];
    double _tokens = Burst;
    long _countedAt = time.GetTimestamp();

    public int Failures(TKey key) => _failures.GetValueOrDefault(key);

    public void Forget(TKey key) => _failures.Remove(key);

    public TimeSpan Next(TKey key)
    {
        var failures = _failures.GetValueOrDefault(key);
        _failures[key] = failures + 1;
        var own = First * Math.Pow(2, Math.Min(failures, 20)); // 2^20 is far beyond the longest
        own = own < Longest ? own : Longest;
        var shared = TakeToken();
        return own > shared ? own : shared;
    }

    /// <summary>A bucket that may go into debt: the debt is the wait.</summary>
    TimeSpan TakeToken()
    {
        _tokens = Math.Min(Burst, _tokens + (time.GetElapsedTime(_countedAt).TotalSeconds * PerSecond));
        _countedAt = time.GetTimestamp();
        _tokens--;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / PerSecond);
    }
}
