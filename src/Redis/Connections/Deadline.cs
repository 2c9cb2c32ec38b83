namespace Slotwise.Redis;

/// <summary>A token that is cancelled by the caller or when the time is up, and knows afterwards which it was.</summary>
sealed class Deadline : IDisposable
{
    readonly CancellationToken _caller;
    readonly CancellationTokenSource _timer;
    readonly CancellationTokenSource? _either;

    public Deadline(TimeSpan timeout, TimeProvider timeProvider, CancellationToken caller)
    {
        _caller = caller;
        _timer = new CancellationTokenSource(timeout, timeProvider);
        _either = caller.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller) : null;
    }

    public CancellationToken Token => (_either ?? _timer).Token;

    /// <summary>What to throw for a cancellation by this token.</summary>
    public Exception Explain(OperationCanceledException cancellation, RedisEndpoint endpoint, string timedOut, bool wasSent = false) =>
        _caller.IsCancellationRequested
            ? new OperationCanceledException(cancellation.Message, cancellation, _caller)
            : new RedisTimeoutException(endpoint, timedOut, cancellation) { MayHaveBeenCarriedOut = wasSent };

    public void Dispose()
    {
        _either?.Dispose();
        _timer.Dispose();
    }
}
