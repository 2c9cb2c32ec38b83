using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>Counts what the writers of a ledger meet.</summary>
sealed class LedgerTally(TimeProvider time)
{
    const int FindingsKept = 20;
    const int LostWritesKept = 10_000;

    readonly long _start = time.GetTimestamp();
    readonly Lock _lock = new();
    readonly SortedDictionary<string, long> _errors = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, string> _firstErrors = new(StringComparer.Ordinal);
    readonly List<string> _findings = [];
    readonly List<LostWrite> _lostWrites = [];
    readonly LatencyHistogram _latencies = new();
    readonly ShardGaps _gaps = new(time);
    readonly long[] _verdicts = new long[Enum.GetValues<Verdict>().Length];
    long _acknowledged;
    long _uncertain;
    long _checked;
    long _stale;
    long _unchecked;

    /// <summary>Sends a write and counts what becomes of it.</summary>
    public async Task<LedgerReply> MeasureAsync(string? shard, Func<Task<LedgerReply>> sendAsync)
    {
        var start = time.GetTimestamp();
        var isAcknowledged = false;
        _gaps.Begin(shard);
        try
        {
            var reply = await sendAsync();
            isAcknowledged = true;
            _latencies.Add(time.GetElapsedTime(start));
            return reply;
        }
        finally
        {
            _gaps.End(shard, isAcknowledged);
        }
    }

    public void Acknowledged() => Interlocked.Increment(ref _acknowledged);

    public void Stale() => Interlocked.Increment(ref _stale);

    public void Unchecked() => Interlocked.Increment(ref _unchecked);

    /// <summary>An error that the client did not deal with.</summary>
    public void Failed(RedisException error, bool isWrite)
    {
        var kind = error switch
        {
            RedisServerException refusal => refusal.Code,
            RedisBusyException => "all connections busy",
            RedisTimeoutException => "time-out",
            RedisConnectionException { MayHaveBeenCarriedOut: true } => "connection broken",
            _ => "not reached",
        };
        lock (_lock)
        {
            _errors[kind] = _errors.GetValueOrDefault(kind) + 1;
            _firstErrors.TryAdd(kind, string.Create(CultureInfo.InvariantCulture, $"after {time.GetElapsedTime(_start).TotalSeconds:0.0} s: {error.Message}"));
        }

        if (isWrite && error is RedisConnectionException { MayHaveBeenCarriedOut: true })
        {
            Interlocked.Increment(ref _uncertain);
        }
    }

    /// <summary>A value that was read back.</summary>
    public void Found(LedgerCell cell, Finding finding, string? shard)
    {
        Interlocked.Increment(ref _checked);
        if (finding.Verdict == Verdict.Fine)
        {
            return;
        }

        Interlocked.Add(ref _verdicts[(int)finding.Verdict], finding.Count);
        lock (_lock)
        {
            if (_findings.Count < FindingsKept)
            {
                _findings.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{finding.Verdict} after {time.GetElapsedTime(_start).TotalSeconds:0.0} s: {cell.Key} (slot {cell.Slot}, shard {shard ?? "unknown"}): {finding.Text}"));
            }

            foreach (var broken in finding.Broken ?? [])
            {
                if (_lostWrites.Count < LostWritesKept)
                {
                    _lostWrites.Add(new LostWrite(cell.Key, cell.Slot, broken));
                }
            }
        }
    }

    public LedgerReport Report(long redirects)
    {
        lock (_lock)
        {
            return new LedgerReport
            {
                Seconds = time.GetElapsedTime(_start).TotalSeconds,
                Acknowledged = Interlocked.Read(ref _acknowledged),
                Uncertain = Interlocked.Read(ref _uncertain),
                Checked = Interlocked.Read(ref _checked),
                Lost = Count(Verdict.Lost),
                Wrong = Count(Verdict.Wrong),
                Late = Count(Verdict.Late),
                Stale = Interlocked.Read(ref _stale),
                Unchecked = Interlocked.Read(ref _unchecked),
                Redirects = redirects,
                Errors = new SortedDictionary<string, long>(_errors, StringComparer.Ordinal),
                FirstErrors = new SortedDictionary<string, string>(_firstErrors, StringComparer.Ordinal),
                P50Milliseconds = _latencies.Percentile(0.5).TotalMilliseconds,
                P99Milliseconds = _latencies.Percentile(0.99).TotalMilliseconds,
                MaxMilliseconds = _latencies.Max.TotalMilliseconds,
                LongestGapMilliseconds = new SortedDictionary<string, double>(_gaps.Longest.ToDictionary(gap => gap.Key, gap => gap.Value.TotalMilliseconds), StringComparer.Ordinal),
                Findings = [.. _findings],
                LostWrites = [.. _lostWrites],
            };
        }
    }

    long Count(Verdict verdict) => Interlocked.Read(ref _verdicts[(int)verdict]);
}
