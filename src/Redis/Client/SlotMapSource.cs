namespace Slotwise.Redis;

/// <summary>The newest map of the slots, and asking for a newer one: one question at a time, however many calls find it wrong.</summary>
/// <param name="seeds">The nodes to begin with, and to come back to when nobody else answers.</param>
/// <param name="findSeedsAsync">Where to look when none of these answers either.</param>
/// <param name="askAsync">Sends CLUSTER SLOTS to a node.</param>
/// <param name="time">The clock.</param>
sealed class SlotMapSource(
    IReadOnlyList<RedisEndpoint> seeds,
    Func<CancellationToken, Task<IReadOnlyList<RedisEndpoint>>> findSeedsAsync,
    Func<RedisEndpoint, CancellationToken, Task<RespValue>> askAsync,
    TimeProvider time) : IAsyncDisposable
{
    /// <summary>While thousands of slots move, each is a reason to ask, and every answer costs the server the more the finer its ranges are.</summary>
    static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(250);

    readonly SemaphoreSlim _asking = new(1);
    readonly CancellationTokenSource _stopping = new();
    readonly Lock _lock = new();
    Task _background = Task.CompletedTask;
    bool _isBackgroundBusy;
    volatile SlotMap _current = new();
    long _refreshes;

    public SlotMap Current => _current;

    public long Refreshes => Interlocked.Read(ref _refreshes);

    /// <summary>Asks the nodes in turn for the map, unless somebody else has replaced <paramref name="stale"/> meanwhile.</summary>
    /// <param name="stale">The map that was found to be wrong.</param>
    /// <param name="first">Whom to ask first, if anybody is known to know better.</param>
    /// <param name="unreached">Whom to ask last, because they did not answer just now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Why no node answered, or null.</returns>
    public async Task<RedisException?> RefreshAsync(
        SlotMap stale,
        RedisEndpoint? first,
        IReadOnlyCollection<RedisEndpoint> unreached,
        CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            IEnumerable<RedisEndpoint> knowing = first is { } node ? [node] : [];
            RedisEndpoint[] known = [.. knowing.Concat(stale.Nodes).Concat(seeds).Distinct().OrderBy(unreached.Contains)];
            var (isReplaced, failure) = await AskAsync(known, stale, cancellationToken);
            if (!isReplaced)
            {
                (isReplaced, var later) = await AskAsync([.. (await findSeedsAsync(cancellationToken)).Except(known)], stale, cancellationToken);
                failure = later ?? failure;
            }

            return isReplaced ? null : failure;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Has the map replaced soon, for whoever was told where to go and need not wait for it.</summary>
    public void RefreshSoon(SlotMap stale, RedisEndpoint first)
    {
        lock (_lock)
        {
            if (_isBackgroundBusy || _stopping.IsCancellationRequested || !ReferenceEquals(_current, stale))
            {
                return;
            }

            _isBackgroundBusy = true;
            _background = RefreshInBackgroundAsync(stale, first);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task background;
        lock (_lock)
        {
            background = _background;
        }

        await background;
        _stopping.Dispose();
        _asking.Dispose();
    }

    /// <returns>Whether there is a newer map; if not, why the last node that failed to answer did.</returns>
    async Task<(bool IsReplaced, RedisException? Failure)> AskAsync(IEnumerable<RedisEndpoint> nodes, SlotMap stale, CancellationToken cancellationToken)
    {
        RedisException? failure = null;
        foreach (var endpoint in nodes)
        {
            if (!ReferenceEquals(_current, stale))
            {
                return (true, null);
            }

            try
            {
                var map = SlotMap.Read(await askAsync(endpoint, cancellationToken), endpoint);

                // a node that left the cluster, or has not joined it yet, answers too, but knows nothing
                if (map.Masters.Any())
                {
                    _current = map;
                    Interlocked.Increment(ref _refreshes);
                    return (true, null);
                }
            }
            catch (RedisException e)
            {
                failure = e;
            }
        }

        return (false, failure);
    }

    async Task RefreshInBackgroundAsync(SlotMap stale, RedisEndpoint first)
    {
        try
        {
            // first the pause: the changes that follow one at once are seen with it
            await Task.Delay(BetweenQuestions, time, _stopping.Token);

            // where nobody answers, the next command that is sent will find out
            await RefreshAsync(stale, first, [], _stopping.Token);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            lock (_lock)
            {
                _isBackgroundBusy = false;
            }
        }
    }
}
