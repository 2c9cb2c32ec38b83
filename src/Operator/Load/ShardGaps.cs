namespace Slotwise.Operator.Load;

/// <summary>For how long, at most, commands waited for a shard without one of them being answered with success.</summary>
sealed class ShardGaps(TimeProvider time)
{
    readonly Lock _lock = new();
    readonly SortedDictionary<string, Shard> _shards = new(StringComparer.Ordinal);

    /// <summary>The longest so far by shard; one that goes on still is counted until now.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Longest
    {
        get
        {
            lock (_lock)
            {
                return new SortedDictionary<string, TimeSpan>(_shards.ToDictionary(shard => shard.Key, shard => Longer(shard.Value)), StringComparer.Ordinal);
            }
        }
    }

    /// <summary>A command is sent to a shard; null where that is not known.</summary>
    public void Begin(string? name)
    {
        if (name is null)
        {
            return;
        }

        lock (_lock)
        {
            if (!_shards.TryGetValue(name, out var shard))
            {
                _shards.Add(name, shard = new Shard());
            }

            shard.Outstanding++;
            shard.WaitingSince ??= time.GetTimestamp();
        }
    }

    /// <summary>The command that was begun there has ended.</summary>
    public void End(string? name, bool isAcknowledged)
    {
        if (name is null)
        {
            return;
        }

        lock (_lock)
        {
            var shard = _shards[name];
            shard.Outstanding--;
            shard.LastEnd = time.GetTimestamp();
            if (isAcknowledged)
            {
                shard.Longest = Longer(shard);
                shard.WaitingSince = shard.Outstanding > 0 ? time.GetTimestamp() : null;
            }
        }
    }

    TimeSpan Longer(Shard shard)
    {
        // a shard that nobody asks any more, because it was removed, keeps nobody waiting
        var gap = shard.WaitingSince is { } since
            ? time.GetElapsedTime(since, shard.Outstanding > 0 ? time.GetTimestamp() : shard.LastEnd)
            : TimeSpan.Zero;
        return gap > shard.Longest ? gap : shard.Longest;
    }

    sealed class Shard
    {
        public int Outstanding { get; set; }

        public long LastEnd { get; set; }

        public long? WaitingSince { get; set; }

        public TimeSpan Longest { get; set; }
    }
}
