using System.Globalization;

namespace Slotwise.Redis.SlotMoves;

/// <summary>Sends the keys of open slots from the source to the target, in batches that hold neither server up for long.</summary>
sealed class KeyTransfer(SlotMove move, TimeProvider time)
{
    /// <summary>Keys that are listed at a time; a slot with more is sent in several rounds.</summary>
    const int MaxListed = 4000;

    /// <summary>How often the source may fail to reach the target before it is left for the next call.</summary>
    const int MaxBreaks = 3;

    /// <summary>
    /// For a server that answers at once, not for the work. A source that cannot reach its target stands still for as long.
    /// </summary>
    static readonly TimeSpan LeastTimeout = TimeSpan.FromSeconds(1);

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    readonly MigratePace _pace = new();
    readonly List<SlotMoveObstacle> _obstacles = [];
    int _breaks;

    /// <summary>How many keys were sent.</summary>
    public long Keys { get; private set; }

    public IReadOnlyList<SlotMoveObstacle> Obstacles => _obstacles;

    /// <summary>Slots that one of the obstacles keeps from moving.</summary>
    public SlotSet Blocked { get; private set; } = SlotSet.Empty;

    /// <summary>Slots of the last call of <see cref="SendAsync"/> that may still have keys at the source.</summary>
    public SlotSet Unfinished { get; private set; } = SlotSet.Empty;

    /// <summary>Whether nothing more can be sent between these two now.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>
    /// Slots that had no key at the target when they were opened. A key of theirs that the source has is the only true copy: the other one is what a
    /// broken transfer left behind.
    /// </summary>
    public SlotSet TargetWasEmpty { get; set; } = SlotSet.Empty;

    /// <summary>The keys of the slots with their sizes, without the slots that a large key blocks.</summary>
    public async Task<IReadOnlyList<SlotKeys>> ListAsync(SlotSet slots, CancellationToken cancellationToken)
    {
        if (slots.IsEmpty)
        {
            return [];
        }

        List<RedisCommand<IReadOnlyList<byte[]>>> list = [.. slots.Select(slot => ClusterCommands.GetKeysInSlot(slot, MaxListed))];
        var lists = await move.Source.Session.ExecuteAsync(list, AnswerWithin, cancellationToken);
        var names = slots.Select((slot, index) => (Slot: slot, Names: list[index].Read(lists[index]))).Where(entry => entry.Names.Count > 0).ToList();
        var sizes = await move.Source.Session.ExecuteAsync(
            [.. names.SelectMany(entry => entry.Names).Select(name => ServerCommands.MemoryUsage(name))],
            AnswerWithin,
            cancellationToken);
        var listed = new List<SlotKeys>(names.Count);
        var next = 0;
        foreach (var (slot, keys) in names)
        {
            var sized = new List<SizedKey>(keys.Count);
            foreach (var key in keys)
            {
                // null: it expired or was deleted
                var size = sizes[next++].ThrowIfError();
                if (!size.IsNull)
                {
                    sized.Add(new SizedKey(key, Replies.Integer(size)));
                }
            }

            if (!IsTooLarge(slot, sized))
            {
                listed.Add(new SlotKeys(slot, sized));
            }
        }

        return listed;
    }

    /// <summary>Whether the target has room for the keys, a tenth of its limit kept free.</summary>
    public async Task<bool> HasRoomAsync(IReadOnlyList<SlotKeys> listed, CancellationToken cancellationToken)
    {
        if (listed.Count == 0 || move.AllowEviction)
        {
            return true;
        }

        var memory = ServerCommands.Info("memory");
        var info = memory.Read((await move.Target.Session.ExecuteAsync([memory], AnswerWithin, cancellationToken))[0]);
        var needed = listed.Sum(slot => slot.Bytes);
        if (info.MaxMemory == 0 || info.UsedMemory + needed <= info.MaxMemory / 10 * 9)
        {
            return true;
        }

        var slots = SlotSet.Of([.. listed.Select(slot => slot.Slot)]);
        Stop(new SlotMoveObstacle(
            SlotMoveObstacleKind.NoMemory,
            slots,
            string.Create(CultureInfo.InvariantCulture, $"slots {slots} need {Text(needed)} at {move.Target.Session.Endpoint}, which uses {Text(info.UsedMemory)} of its maxmemory {Text(info.MaxMemory)}, of which a tenth is kept free")));
        return false;
    }

    /// <summary>Sends all keys of the slots, which are open on both sides.</summary>
    public async Task SendAsync(SlotSet slots, IReadOnlyList<SlotKeys> listed, CancellationToken cancellationToken)
    {
        Unfinished = slots;
        while (!Unfinished.IsEmpty && !IsStopped)
        {
            foreach (var batches in Writes(listed))
            {
                await MigrateAsync(batches, cancellationToken);
                if (IsStopped)
                {
                    return;
                }
            }

            // No key can appear in the slots any more, so one that has none now is done.
            listed = await ListAsync(Unfinished.Except(Blocked), cancellationToken);
            Unfinished = Unfinished.Intersect(Blocked.Union(SlotSet.Of([.. listed.Select(slot => slot.Slot)])));
            if (Unfinished.IsSubsetOf(Blocked))
            {
                return;
            }
        }
    }

    /// <summary>Batches of one slot each, together as much as may be under way at a time.</summary>
    IEnumerable<List<SlotKeys>> Writes(IReadOnlyList<SlotKeys> listed)
    {
        var write = new List<SlotKeys>();
        var weight = 0L;
        foreach (var slot in listed)
        {
            var batch = new List<SizedKey>();
            foreach (var key in slot.Keys)
            {
                if (weight > 0 && weight + MigratePace.Weigh(key) > _pace.Window)
                {
                    AddBatch(slot.Slot, ref batch);
                    yield return write;
                    write = [];
                    weight = 0;
                }

                batch.Add(key);
                weight += MigratePace.Weigh(key);
            }

            AddBatch(slot.Slot, ref batch);
        }

        if (write.Count > 0)
        {
            yield return write;
        }

        void AddBatch(int slot, ref List<SizedKey> batch)
        {
            if (batch.Count > 0)
            {
                write.Add(new SlotKeys(slot, batch));
                batch = [];
            }
        }
    }

    async Task MigrateAsync(List<SlotKeys> batches, CancellationToken cancellationToken)
    {
        var stall = batches.Max(batch => batch.Keys.Max(key => ExpectedStall(key.Bytes)));
        var timeout = LeastTimeout + (stall * 4);
        var started = time.GetTimestamp();
        var replies = await move.Source.Session.ExecuteAsync(
            [.. batches.Select(batch => ServerCommands.Migrate(move.Target.Session.Endpoint, timeout, isReplacing: false, move.Credentials, batch.Keys.Select(key => key.Name)))],
            timeout * (batches.Count + 1),
            cancellationToken);
        _pace.Learn(batches.Sum(batch => batch.Keys.Sum(MigratePace.Weigh)), time.GetElapsedTime(started));
        for (var index = 0; index < batches.Count; index++)
        {
            if (replies[index].IsError)
            {
                Note(batches[index], replies[index].ErrorText);
            }
            else
            {
                Keys += batches[index].Keys.Count;
            }
        }
    }

    void Note(SlotKeys batch, string error)
    {
        var slot = SlotSet.Of(batch.Slot);
        if (error.StartsWith("IOERR", StringComparison.Ordinal))
        {
            if (++_breaks >= MaxBreaks)
            {
                Stop(new SlotMoveObstacle(SlotMoveObstacleKind.Refused, slot, $"{move.Source.Session.Endpoint} could not send slot {batch.Slot} to {move.Target.Session.Endpoint}: {error}"));
            }
        }
        else if (error.Contains("OOM ", StringComparison.Ordinal))
        {
            Stop(new SlotMoveObstacle(SlotMoveObstacleKind.NoMemory, slot, $"{move.Target.Session.Endpoint} has no memory for slot {batch.Slot}: {error}"));
        }
        else if (error.Contains("NOPERM ", StringComparison.Ordinal) || error.Contains("WRONGPASS ", StringComparison.Ordinal) || error.Contains("NOAUTH ", StringComparison.Ordinal))
        {
            Stop(new SlotMoveObstacle(SlotMoveObstacleKind.NoPermission, slot, $"{move.Source.Session.Endpoint} may not send slot {batch.Slot} to {move.Target.Session.Endpoint}: {error}"));
        }
        else
        {
            Block(new SlotMoveObstacle(SlotMoveObstacleKind.Refused, slot, $"{move.Source.Session.Endpoint} could not send slot {batch.Slot}: {error}"));
        }
    }

    static TimeSpan ExpectedStall(long bytes) => TimeSpan.FromSeconds(bytes / (double)(50 << 20));

    bool IsTooLarge(int slot, List<SizedKey> keys)
    {
        var largest = keys.Count == 0 ? 0 : keys.Max(key => key.Bytes);
        var stall = ExpectedStall(largest);
        if (stall <= move.MaxStall)
        {
            return false;
        }

        Block(new SlotMoveObstacle(
            SlotMoveObstacleKind.LargeKey,
            SlotSet.Of(slot),
            string.Create(CultureInfo.InvariantCulture, $"slot {slot} has a key of {Text(largest)}, for which {move.Source.Session.Endpoint} and {move.Target.Session.Endpoint} would stand still for about {stall.TotalSeconds:0} s"))
        {
            Stall = stall,
        });
        return true;
    }

    void Block(SlotMoveObstacle obstacle)
    {
        _obstacles.Add(obstacle);
        Blocked = Blocked.Union(obstacle.Slots);
    }

    void Stop(SlotMoveObstacle obstacle)
    {
        Block(obstacle);
        IsStopped = true;
    }

    static string Text(long bytes) => bytes switch
    {
        >= 10L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 30} GiB"),
        >= 10L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB"),
        >= 10L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
    };
}
