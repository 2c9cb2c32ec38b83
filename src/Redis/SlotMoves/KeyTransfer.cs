using System.Globalization;

namespace Slotwise.Redis.SlotMoves;

/// <summary>Sends the keys of open slots from the source to the target, in batches that hold neither server up for long.</summary>
sealed class KeyTransfer(SlotMove move, KeyListing listing, TargetRoom room, SlotMoveObstacles obstacles, TimeProvider time)
{
    /// <summary>How often the source may fail to reach the target before it is left for the next call.</summary>
    const int MaxBreaks = 3;

    /// <summary>MIGRATE commands in one write, one for each slot.</summary>
    const int MaxCommands = 8;

    /// <summary>What a healthy target under load may need.</summary>
    static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(200);

    static readonly TimeSpan MostTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The target's error comes within the source's.</summary>
    static readonly string[] MissingRights = ["NOPERM ", "WRONGPASS ", "NOAUTH "];

    readonly MigratePace _pace = new();
    readonly KeyCopies _copies = new(move);
    int _breaks;
    SlotSet _broken = SlotSet.Empty;

    /// <summary>How many keys were sent.</summary>
    public long Keys { get; private set; }

    /// <summary>Slots of the last call of <see cref="SendAsync"/> that may still have keys at the source.</summary>
    public SlotSet Unfinished { get; private set; } = SlotSet.Empty;

    /// <summary>
    /// Slots that had no key at the target when they were opened. A key of theirs that the source has is the only true copy: the other one is what a
    /// broken transfer left behind.
    /// </summary>
    public SlotSet TargetWasEmpty { get; set; } = SlotSet.Empty;

    /// <summary>Sends the keys of the slots, which are open on both sides, until none is left or <paramref name="isLate"/>.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="listed">Those of their keys that are known already.</param>
    /// <param name="isLate">Whether the rest has to wait for the next call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendAsync(SlotSet slots, IReadOnlyList<SlotKeys> listed, Func<bool> isLate, CancellationToken cancellationToken)
    {
        Unfinished = slots;
        do
        {
            foreach (var batches in Writes(listed))
            {
                await MigrateAsync(batches, cancellationToken);
                if (obstacles.IsStopped)
                {
                    return;
                }
            }

            // No key can appear in the slots any more, so one that has none now is done.
            listed = await listing.ReadAsync(Unfinished.Except(obstacles.Blocked), cancellationToken);
            Unfinished = Unfinished.Intersect(obstacles.Blocked.Union(SlotSet.Of([.. listed.Select(slot => slot.Slot)])));
        }
        while (!Unfinished.IsSubsetOf(obstacles.Blocked) && !isLate() && await room.HoldsAsync(listed, cancellationToken));
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
                if (weight > 0 && (weight + MigratePace.Weigh(key) > _pace.Window || write.Count == MaxCommands))
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
        var timeout = Timeout(batches);
        var started = time.GetTimestamp();
        var replies = await move.Source.Session.ExecuteAsync([.. batches.Select(batch => Migrate(batch, timeout, isReplacing: false))], timeout * batches.Count * 4, cancellationToken);
        _pace.Learn(batches.Sum(batch => batch.Keys.Sum(MigratePace.Weigh)), time.GetElapsedTime(started));
        for (var index = 0; index < batches.Count; index++)
        {
            if (replies[index].ErrorText.Contains("BUSYKEY ", StringComparison.Ordinal))
            {
                await ReplaceAsync(batches[index], cancellationToken);
            }
            else
            {
                Note(batches[index], replies[index]);
            }
        }
    }

    /// <summary>
    /// Sends keys of which the target has copies, which an earlier transfer left behind when it broke. Only over equal copies, except where the
    /// target was empty when this call opened the slot and a transfer broke since: then the source's are the true ones, and may have changed.
    /// </summary>
    async Task ReplaceAsync(SlotKeys batch, CancellationToken cancellationToken)
    {
        if (!TargetWasEmpty.Intersect(_broken).Contains(batch.Slot))
        {
            var (same, different) = await _copies.CompareAsync(batch.Keys, cancellationToken);
            if (different.Count > 0)
            {
                obstacles.Block(new SlotMoveObstacle(
                    SlotMoveObstacleKind.KeyConflict,
                    SlotSet.Of(batch.Slot),
                    string.Create(CultureInfo.InvariantCulture, $"slot {batch.Slot} stays open: {different.Count} of its keys have other values at {move.Target.Session.Endpoint} than at {move.Source.Session.Endpoint}, which answers for them; compare them (CLUSTER GETKEYSINSLOT {batch.Slot} lists the keys) and delete what is not wanted")));
            }

            batch = batch with { Keys = same };
        }

        if (batch.Keys.Count > 0)
        {
            var timeout = Timeout([batch]);
            Note(batch, (await move.Source.Session.ExecuteAsync([Migrate(batch, timeout, isReplacing: true)], timeout * 4, cancellationToken))[0]);
        }
    }

    RedisCommand Migrate(SlotKeys batch, TimeSpan timeout, bool isReplacing) =>
        ServerCommands.Migrate(move.Target.Session.Endpoint, timeout, isReplacing, move.Credentials, batch.Keys.Select(key => key.Name));

    /// <summary>
    /// How long the target may take for each of its answers. While it hangs, the source stands still for that long, once for each command that is
    /// under way; together that must stay below what makes others suspect it.
    /// </summary>
    TimeSpan Timeout(List<SlotKeys> batches)
    {
        var share = move.MaxStall / batches.Count;
        var patience = share < LeastTimeout ? LeastTimeout : share > MostTimeout ? MostTimeout : share;
        return patience + (batches.Max(batch => batch.Keys.Max(key => MigratePace.ExpectedStall(key.Bytes))) * 4);
    }

    void Note(SlotKeys batch, RespValue reply)
    {
        if (!reply.IsError)
        {
            Keys += batch.Keys.Count;
            return;
        }

        var error = reply.ErrorText;
        var slots = SlotSet.Of(batch.Slot);
        var what = $"{move.Source.Session.Endpoint} could not send slot {batch.Slot} to {move.Target.Session.Endpoint}: {error}";
        if (error.StartsWith("IOERR", StringComparison.Ordinal) || error.Contains("BUSYKEY ", StringComparison.Ordinal))
        {
            // What was not acknowledged is still at the source and is sent again.
            _broken = _broken.Union(slots);
            if (++_breaks >= MaxBreaks)
            {
                obstacles.Stop(new SlotMoveObstacle(SlotMoveObstacleKind.Refused, slots, what));
            }
        }
        else if (error.Contains("OOM ", StringComparison.Ordinal))
        {
            obstacles.Stop(new SlotMoveObstacle(SlotMoveObstacleKind.NoMemory, slots, what));
        }
        else if (MissingRights.Any(code => error.Contains(code, StringComparison.Ordinal)))
        {
            obstacles.Stop(new SlotMoveObstacle(SlotMoveObstacleKind.NoPermission, slots, what));
        }
        else
        {
            obstacles.Block(new SlotMoveObstacle(SlotMoveObstacleKind.Refused, slots, what));
        }
    }
}
