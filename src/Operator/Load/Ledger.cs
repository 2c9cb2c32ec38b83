using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>
/// Writes numbered values through a client and knows of each which was the last that was acknowledged: so it can say of every value that is read back
/// whether a write is lost. Each key has one writer, which waits for each answer before it goes on; the room it takes does not grow with time.
/// </summary>
sealed class Ledger
{
    /// <summary>Of so many commands one reads back what was written before.</summary>
    const int ReadEvery = 8;

    /// <summary>Between two tries to read a value back in the end.</summary>
    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    readonly ILedgerClient _client;
    readonly LedgerOptions _options;
    readonly TimeProvider _time;
    readonly LedgerTally _tally;
    readonly IReadOnlyList<LedgerCell>[] _writers;

    public Ledger(ILedgerClient client, LedgerOptions options, TimeProvider time)
    {
        _client = client;
        _options = options;
        _time = time;
        _tally = new LedgerTally(time);
        _writers = [.. Enumerable.Range(0, options.Writers).Select(writer =>
            LedgerLayout.Build(options.Prefix, writer, (options.Keys / options.Writers) + (writer < options.Keys % options.Writers ? 1 : 0)))];
    }

    /// <summary>What was seen so far.</summary>
    public LedgerReport Report => _tally.Report(_client.Redirects);

    /// <summary>Writes, and reads samples back, until it is told to stop.</summary>
    public Task WriteAsync(CancellationToken stop) => Task.WhenAll(_writers.Select((cells, writer) => WriteAsync(cells, writer, stop)));

    /// <summary>Reads every value back. What cannot be read until it is told to give up counts as unchecked.</summary>
    public Task CheckAsync(CancellationToken giveUp) => Task.WhenAll(_writers.Select(async cells =>
    {
        await Task.Yield();
        foreach (var cell in cells.Where(cell => cell.IsWritten))
        {
            while (!await TryCheckAsync(cell, ReadFrom.Master, giveUp))
            {
                if (giveUp.IsCancellationRequested)
                {
                    _tally.Unchecked();
                    break;
                }

                await Task.Delay(BetweenTries, _time, CancellationToken.None);
            }
        }
    }));

    /// <summary>Removes every key, as far as the servers can be reached.</summary>
    public Task RemoveAsync(CancellationToken giveUp) => Task.WhenAll(_writers.Select(async cells =>
    {
        await Task.Yield();
        foreach (var key in cells.Select(cell => cell.Key).Distinct())
        {
            try
            {
                await _client.ExecuteAsync(new RedisCommand("UNLINK", key), isRead: true, ReadFrom.Master, giveUp);
            }
            catch (Exception error) when (error is RedisException or OperationCanceledException)
            {
                // its keys are known by their prefix
                return;
            }
        }
    }));

    async Task WriteAsync(IReadOnlyList<LedgerCell> cells, int writer, CancellationToken stop)
    {
        // the writers begin one after the other, so that the rate is even
        var pace = new Pace(_options.Rate is { } rate ? TimeSpan.FromSeconds((double)_options.Writers / rate) : TimeSpan.Zero, (double)writer / _options.Writers, _time);
        var random = new Random(writer);
        try
        {
            await Task.Yield();
            var written = 0L;
            for (var turn = 0L; !stop.IsCancellationRequested; turn++)
            {
                await pace.WaitAsync(stop);
                if (turn % ReadEvery == ReadEvery - 1)
                {
                    var cell = cells[(int)random.NextInt64(Math.Min(written, cells.Count))];
                    if (cell.IsWritten)
                    {
                        await TryCheckAsync(cell, _options.ReadFrom, CancellationToken.None);
                    }
                }
                else
                {
                    await WriteAsync(cells[(int)(written++ % cells.Count)]);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    async Task WriteAsync(LedgerCell cell)
    {
        var command = cell.BuildWrite(_time);
        try
        {
            // a write that was begun is waited for, so that its outcome is known
            var reply = await _tally.MeasureAsync(_client.ShardOf(cell.Slot), () => _client.ExecuteAsync(command, isRead: false, ReadFrom.Master, CancellationToken.None));
            cell.Acknowledge(_time.GetUtcNow(), reply.Server);
            _tally.Acknowledged();
        }
        catch (RedisException error)
        {
            if (error is RedisConnectionException { MayHaveBeenCarriedOut: true })
            {
                cell.Doubt();
            }

            _tally.Failed(error, isWrite: true);
        }
    }

    /// <returns>False when it could not be read.</returns>
    async Task<bool> TryCheckAsync(LedgerCell cell, ReadFrom from, CancellationToken giveUp)
    {
        var shard = _client.ShardOf(cell.Slot);
        try
        {
            if (from == ReadFrom.Replica)
            {
                var finding = await cell.CheckAsync(command => ReadAsync(command, from), _time, settles: false);
                if (finding.Verdict == Verdict.Fine)
                {
                    _tally.Found(cell, finding, shard);
                    return true;
                }
            }

            var found = await cell.CheckAsync(command => ReadAsync(command, ReadFrom.Master), _time, settles: true);
            if (from == ReadFrom.Replica && found.Verdict == Verdict.Fine)
            {
                _tally.Stale();
            }

            _tally.Found(cell, found, shard);
            return true;
        }
        catch (RedisException error)
        {
            _tally.Failed(error, isWrite: false);
            return false;
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            return false;
        }

        async Task<RespValue> ReadAsync(RedisCommand command, ReadFrom whom) => (await _client.ExecuteAsync(command, isRead: true, whom, giveUp)).Value;
    }
}
