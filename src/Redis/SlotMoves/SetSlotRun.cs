using System.Globalization;

namespace Slotwise.Redis.SlotMoves;

/// <summary>One call of <see cref="SetSlotMover"/>: opens slots in groups, has their keys sent, and closes them.</summary>
sealed class SetSlotRun
{
    /// <summary>A slot with this many keys makes a group of its own; keys of a group are known before it is opened.</summary>
    const int MaxGroupKeys = 10_000;

    /// <summary>Slots with keys that are open at a time. Clients are sent to and fro for them; but every group costs all nodes a write of their nodes.conf.</summary>
    const int MaxGroupSlots = 128;

    /// <summary>How much longer than its slice a call may take to finish the slots that it opened, so that few stay open between calls.</summary>
    const int Overtime = 3;

    /// <summary>A server whose replicas must confirm a change (Valkey) answers within 2 s, also when they do not.</summary>
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    readonly SlotMove _move;
    readonly SlotSituation _situation;
    readonly TimeProvider _time;
    readonly long _started;
    readonly SlotMoveObstacles _obstacles;
    readonly KeyListing _listing;
    readonly TargetRoom _room;
    readonly KeyTransfer _transfer;
    readonly SlotOwnership _ownership;
    SlotSet _moved;

    public SetSlotRun(SlotMove move, SlotSituation situation, TimeProvider time, long started)
    {
        _move = move;
        _situation = situation;
        _time = time;
        _started = started;
        _obstacles = new SlotMoveObstacles(situation.Obstacles);
        _listing = new KeyListing(move, _obstacles);
        _room = new TargetRoom(move, _obstacles);
        _transfer = new KeyTransfer(move, _listing, _room, _obstacles, time);
        _ownership = new SlotOwnership(move, situation.IsTargetValkey);
        _moved = situation.Moved;
    }

    public SlotMoveResult Result => new(_moved, _transfer.Keys, _obstacles.All);

    bool IsTimeUp => _obstacles.IsStopped || _time.GetElapsedTime(_started) >= _move.Slice;

    /// <summary>Goes on with what an earlier call, or somebody else, has begun: clients are being sent to and fro for these slots.</summary>
    public async Task MoveOpenAsync(CancellationToken cancellationToken)
    {
        var counts = await CountAsync(_situation.Open, cancellationToken);
        foreach (var group in Groups(counts))
        {
            if (IsTimeUp)
            {
                return;
            }

            await MoveGroupAsync(group, [], cancellationToken);
        }
    }

    /// <summary>Moves slots that nobody has begun to move, as many as the time allows.</summary>
    public async Task MoveClosedAsync(int pipeline, CancellationToken cancellationToken)
    {
        for (var rest = _situation.Closed; !rest.IsEmpty && !IsTimeUp;)
        {
            var chunk = rest.Take(pipeline);
            rest = rest.Except(chunk);
            var counts = await CountAsync(chunk, cancellationToken);
            foreach (var group in FirstAlone(Groups(counts)))
            {
                if (IsTimeUp)
                {
                    return;
                }

                var keyed = SlotSet.Of([.. group.Where(slot => counts.Find(count => count.Slot == slot).Keys > 0)]);
                var listed = await _listing.ReadAsync(keyed, cancellationToken);
                var possible = group.Except(_obstacles.Blocked);
                if (await _room.HoldsAsync(listed, cancellationToken))
                {
                    await MoveGroupAsync(possible, listed, cancellationToken);
                }
            }
        }
    }

    /// <summary>All slots without keys first, as one group; then groups of about equal work.</summary>
    static IEnumerable<SlotSet> Groups(List<(int Slot, long Keys)> counts)
    {
        var empty = SlotSet.Of([.. counts.Where(count => count.Keys == 0).Select(count => count.Slot)]);
        if (!empty.IsEmpty)
        {
            yield return empty;
        }

        var group = new SlotSetBuilder();
        var keys = 0L;
        var size = 0;
        foreach (var count in counts.Where(count => count.Keys > 0))
        {
            if (keys > 0 && (keys + count.Keys > MaxGroupKeys || size == MaxGroupSlots))
            {
                yield return group.Build();
                (keys, size) = (0, 0);
            }

            group.Add(count.Slot);
            keys += count.Keys;
            size++;
        }

        if (keys > 0)
        {
            yield return group.Build();
        }
    }

    /// <summary>To a target without slots one goes first, by itself: from then on its replica would be elected, so that keys which follow have two copies.</summary>
    IEnumerable<SlotSet> FirstAlone(IEnumerable<SlotSet> groups)
    {
        foreach (var group in groups)
        {
            if (_situation.IsTargetVoter || !_moved.IsEmpty || group.Count == 1)
            {
                yield return group;
                continue;
            }

            var first = group.Take(1);
            yield return first;
            yield return group.Except(first);
        }
    }

    async Task<List<(int Slot, long Keys)>> CountAsync(SlotSet slots, CancellationToken cancellationToken)
    {
        var commands = slots.Select(ClusterCommands.CountKeysInSlot).ToList();
        var replies = await _move.Source.Session.ExecuteAsync(commands, AnswerWithin, cancellationToken);
        return [.. slots.Select((slot, index) => (slot, commands[index].Read(replies[index])))];
    }

    /// <param name="group">The slots; few enough for one pipeline.</param>
    /// <param name="listed">The keys that were in them before they were opened, as far as known.</param>
    async Task MoveGroupAsync(SlotSet group, IReadOnlyList<SlotKeys> listed, CancellationToken cancellationToken)
    {
        var open = await ImportAsync(group, cancellationToken);
        var (opened, keyed) = await MigrateAsync(open, cancellationToken);
        await _transfer.SendAsync(keyed, listed, () => _time.GetElapsedTime(_started) >= _move.Slice * Overtime, cancellationToken);
        await FinishAsync(opened.Except(_transfer.Unfinished), cancellationToken);
    }

    /// <summary>Has the target accept keys of the slots; returns those for which it does.</summary>
    async Task<SlotSet> ImportAsync(SlotSet group, CancellationToken cancellationToken)
    {
        var slots = SlotSet.Of([.. group.Where(slot => !_situation.IsOwnedByTarget(slot))]);
        var unknown = slots.Intersect(_situation.UnknownToTarget);
        if (!unknown.IsEmpty)
        {
            await _move.Target.Session.ExecuteAsync([.. unknown.Select(slot => ClusterCommands.SetSlotNode(slot, _move.Source.Id))], AnswerWithin, cancellationToken);
        }

        var set = SlotSet.Of([.. slots.Where(slot => !_situation.IsImporting(slot))]);
        var (accepted, without) = await SetAndCountAsync(_move.Target, slots, set, slot => ClusterCommands.SetSlotImporting(slot, _move.Source.Id), cancellationToken);

        // Closed until now and empty at the target: whatever is there from here on came from the source or through its redirections.
        _transfer.TargetWasEmpty = without.Intersect(_situation.Closed);
        return group.Except(slots).Union(accepted);
    }

    /// <summary>Has the source send clients to the target for keys that it lacks: from then on no key can appear there. Returns the slots and those with keys.</summary>
    async Task<(SlotSet Opened, SlotSet Keyed)> MigrateAsync(SlotSet slots, CancellationToken cancellationToken)
    {
        var set = SlotSet.Of([.. slots.Where(slot => !_situation.IsMigrating(slot))]);
        var (accepted, without) = await SetAndCountAsync(_move.Source, slots, set, slot => ClusterCommands.SetSlotMigrating(slot, _move.Target.Id), cancellationToken);
        return (accepted, accepted.Except(without));
    }

    /// <summary>Sets some of the slots and counts the keys of all; returns those that were not refused, and of these the ones without keys.</summary>
    async Task<(SlotSet Accepted, SlotSet Empty)> SetAndCountAsync(
        SlotMoveEnd end,
        SlotSet slots,
        SlotSet toSet,
        Func<int, RedisCommand> set,
        CancellationToken cancellationToken)
    {
        var commands = new List<RedisCommand>();
        foreach (var slot in slots)
        {
            if (toSet.Contains(slot))
            {
                commands.Add(set(slot));
            }

            commands.Add(ClusterCommands.CountKeysInSlot(slot));
        }

        var replies = await end.Session.ExecuteAsync(commands, AnswerWithin, cancellationToken);
        var refused = new SlotSetBuilder();
        var empty = new SlotSetBuilder();
        var text = "";
        var next = 0;
        foreach (var slot in slots)
        {
            if (toSet.Contains(slot) && replies[next++] is { IsError: true } error)
            {
                refused.Add(slot);
                text = error.ErrorText;
            }

            if (Replies.Integer(replies[next++].ThrowIfError()) == 0)
            {
                empty.Add(slot);
            }
        }

        var no = Refuse(refused.Build(), end, text);
        return (slots.Except(no), empty.Build().Except(no));
    }

    /// <summary>Makes the target the owner, which raises its epoch and tells everybody at once, and then the source consent.</summary>
    async Task FinishAsync(SlotSet slots, CancellationToken cancellationToken)
    {
        var refused = await _ownership.TakeAsync(SlotSet.Of([.. slots.Where(slot => !_situation.IsOwnedByTarget(slot))]), cancellationToken);
        var taken = slots.Except(Refuse(refused.Slots, _move.Target, refused.Error));
        refused = await _ownership.GiveAsync(taken, cancellationToken);
        _moved = _moved.Union(taken.Except(Refuse(refused.Slots, _move.Source, refused.Error)));
    }

    SlotSet Refuse(SlotSet slots, SlotMoveEnd end, string error)
    {
        if (error.Length > 0)
        {
            var kind = error.StartsWith("NOPERM", StringComparison.Ordinal) ? SlotMoveObstacleKind.NoPermission : SlotMoveObstacleKind.Refused;
            _obstacles.Block(new SlotMoveObstacle(kind, slots, string.Create(CultureInfo.InvariantCulture, $"{end.Session.Endpoint} refused to set the state of {slots.Count} slots from {slots.NextSlot(0)} on: {error}")));
        }

        return slots;
    }
}
