using Slotwise.LocalKubernetes.Api.Security;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Api.Faults;

/// <summary>The trouble that was asked for and goes on.</summary>
sealed class ApiFaults(Store store, TimeProvider time)
{
    readonly Lock _gate = new();
    readonly CacheLag _lag = new(store, time);
    List<ActiveFault> _active = [];
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _added;

    /// <summary>How far the cache was at which time.</summary>
    public CacheLag Lag => _lag;

    /// <summary>Completes when trouble begins or is ended. Take it before looking at what goes on.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    public IReadOnlyList<ActiveFault> Active
    {
        get
        {
            lock (_gate)
            {
                // Every request asks, and there is hardly ever any.
                if (_active.Count > 0 && _active.Exists(fault => fault.IsOver(time.GetUtcNow())))
                {
                    _active = [.. _active.Where(fault => !fault.IsOver(time.GetUtcNow()))];
                }

                return _active;
            }
        }
    }

    public ActiveFault Begin(ApiFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var active = new ActiveFault($"{++_added}", fault, now + TimeSpan.FromSeconds(fault.Seconds));
            _active = [.. _active, active];
            if (fault.Kind is ApiFaultKind.Stale)
            {
                _lag.Follow(active.Until);
            }

            Wake();
            return active;
        }
    }

    /// <summary>Ends one, or all.</summary>
    /// <returns>How many ended.</returns>
    public int End(string? id)
    {
        lock (_gate)
        {
            var left = _active.Where(fault => id is not null && fault.Id != id).ToList();
            var ended = _active.Count - left.Count;
            _active = left;
            Wake();
            return ended;
        }
    }

    /// <summary>The trouble of some sort that a request is in, if chance has it so. Nothing is counted yet.</summary>
    public IEnumerable<ActiveFault> Of(ApiUser user, AccessRequest request, params IReadOnlyList<ApiFaultKind> kinds) =>
        Active.Where(active => kinds.Contains(active.Fault.Kind) && active.Fault.Matches(user, request));

    void Wake()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }
}
