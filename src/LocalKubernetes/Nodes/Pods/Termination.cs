namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>That a pod has to end, and by when. The time can only come nearer. Safe for concurrent use.</summary>
public sealed class Termination(TimeProvider time) : IDisposable
{
    readonly Lock _gate = new();
    readonly CancellationTokenSource _requested = new();
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    DateTimeOffset _deadline = DateTimeOffset.MaxValue;

    /// <summary>Cancelled when the pod has to end.</summary>
    public CancellationToken Requested => _requested.Token;

    /// <summary>Whether preStop hooks are skipped: the node itself stops.</summary>
    public bool IsAbrupt { get; private set; }

    public void Request(TimeSpan grace, bool abrupt)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            var deadline = time.GetUtcNow() + grace;
            IsAbrupt |= abrupt;
            if (deadline >= _deadline)
            {
                return;
            }

            _deadline = deadline;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
        _requested.Cancel();
    }

    /// <summary>Waits for something, but not beyond the deadline, nor beyond so long from now.</summary>
    /// <param name="shortest">So long it waits though the deadline is past.</param>
    /// <returns>Whether it happened in time.</returns>
    public async Task<bool> WaitAsync(Task something, TimeSpan longest, TimeSpan shortest = default)
    {
        var earliest = time.GetUtcNow() + shortest;
        var latest = longest == TimeSpan.MaxValue ? DateTimeOffset.MaxValue : time.GetUtcNow() + longest;
        while (!something.IsCompleted)
        {
            Task changed;
            DateTimeOffset deadline;
            lock (_gate)
            {
                (changed, deadline) = (_changed.Task, _deadline < latest ? _deadline : latest);
                deadline = deadline < earliest ? earliest : deadline;
            }

            var left = deadline - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            // timers cannot wait for ever; a day is as good
            var wait = left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1);
            using var woken = new CancellationTokenSource();
            await Task.WhenAny(something, changed, Task.Delay(wait, time, woken.Token));
            await woken.CancelAsync();
        }

        return true;
    }

    public void Dispose() => _requested.Dispose();
}
