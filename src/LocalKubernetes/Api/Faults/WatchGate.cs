using Slotwise.LocalKubernetes.Api.Security;

namespace Slotwise.LocalKubernetes.Api.Faults;

/// <summary>What trouble does to one open watch. A feature of its request.</summary>
sealed class WatchGate(ApiFaults faults, Caller caller, TimeProvider time)
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    readonly DateTimeOffset _began = time.GetUtcNow();

    /// <summary>Waits until an event may be told: not while watches are silent, and not before the cache knows of it.</summary>
    public async Task PassAsync(long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = faults.Changed;
            if (!Holds(version))
            {
                return;
            }

            await WaitAsync(changed, Step, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Breaks the watch when it is to be dropped.</summary>
    public async Task GuardAsync(Action abort, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var changed = faults.Changed;
            var next = Timeout.InfiniteTimeSpan;
            foreach (var drop in faults.Of(caller.User, caller.Request, ApiFaultKind.Drop))
            {
                var left = _began + TimeSpan.FromSeconds(drop.Fault.EverySeconds) - time.GetUtcNow();
                if (left <= TimeSpan.Zero && drop.TryHit())
                {
                    abort();
                    return;
                }

                next = next == Timeout.InfiniteTimeSpan || left < next ? left : next;
            }

            await WaitAsync(changed, next == Timeout.InfiniteTimeSpan || next > Step ? next : Step, cancellationToken);
        }
    }

    bool Holds(long version) => faults.Of(caller.User, caller.Request, ApiFaultKind.Silence, ApiFaultKind.Stale)
        .Any(active => active.Fault.Kind is ApiFaultKind.Silence || version > faults.Lag.VersionOf(TimeSpan.FromSeconds(active.Fault.BehindSeconds)));

    async Task WaitAsync(Task changed, TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(atMost, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // look again
        }
    }
}
