using System.Globalization;

namespace Slotwise.Redis;

/// <summary>A token that is cancelled by the caller or when the time is up, and knows afterwards which it was.</summary>
sealed class Deadline : IDisposable
{
    readonly TimeSpan _timeout;
    readonly CancellationToken _caller;
    readonly CancellationTokenSource _timer;
    readonly CancellationTokenSource? _either;

    public Deadline(TimeSpan timeout, TimeProvider timeProvider, CancellationToken caller)
    {
        _timeout = timeout;
        _caller = caller;
        _timer = new CancellationTokenSource(timeout, timeProvider);
        _either = caller.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller) : null;
    }

    public CancellationToken Token => (_either ?? _timer).Token;

    /// <summary>What to throw for a cancellation by this token.</summary>
    /// <param name="cancellation">The cancellation.</param>
    /// <param name="endpoint">Who was talked to.</param>
    /// <param name="what">What did not happen in time.</param>
    /// <param name="wasSent">Whether commands may have been carried out.</param>
    public Exception Explain(OperationCanceledException cancellation, RedisEndpoint endpoint, string what, bool wasSent) =>
        _caller.IsCancellationRequested
            ? new OperationCanceledException(cancellation.Message, cancellation, _caller)
            : new RedisTimeoutException(endpoint, string.Create(CultureInfo.InvariantCulture, $"{what} within {_timeout.TotalSeconds:0.###} s"), cancellation)
            {
                MayHaveBeenCarriedOut = wasSent,
            };

    public void Dispose()
    {
        _either?.Dispose();
        _timer.Dispose();
    }
}
