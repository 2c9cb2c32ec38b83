namespace Slotwise.Redis.SlotMoves;

/// <summary>The change of owner of slots that are open on both sides and have no key left at the source.</summary>
/// <param name="move">Between whom.</param>
/// <param name="isTargetValkey">Whether the target is Valkey.</param>
sealed class SlotOwnership(SlotMove move, bool isTargetValkey)
{
    /// <summary>
    /// How often the source is asked whether it has heard of the new owner. A message takes as long as one or two questions, on a machine with too much to
    /// do as long as a hundred.
    /// </summary>
    const int MaxQuestions = 300;

    /// <summary>A server whose replicas must confirm a change (Valkey) answers within 2 s, also when they do not.</summary>
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    static readonly RedisCommand Multi = new("MULTI");
    static readonly RedisCommand Exec = new("EXEC");
    static readonly RedisCommand<RedisInfo> Role = ServerCommands.Info("replication");

    /// <summary>
    /// Makes the target the owner; returns the slots for which it refused. With every SETSLOT NODE it tells every node of the cluster, which each spend
    /// 20 microseconds on it. So of many slots one raises the epoch, all but one more are then taken in silence, and that one announces them all: in one
    /// transaction, so that nobody ever hears of claims that are older than the owner's.
    /// </summary>
    /// <remarks>Valkey has the replicas confirm each SETSLOT, which is worth more.</remarks>
    public async Task<(SlotSet Slots, string Error)> TakeAsync(SlotSet slots, CancellationToken cancellationToken) =>
        slots.Count > 2 && !isTargetValkey && await TakeTogetherAsync(slots, cancellationToken)
            ? (SlotSet.Empty, "")
            : await AssignAsync(move.Target, slots, cancellationToken);

    async Task<bool> TakeTogetherAsync(SlotSet slots, CancellationToken cancellationToken)
    {
        // Unlike SETSLOT, the others would do it on a replica too.
        var replies = await AskAsync(move.Target, [Role, Multi], cancellationToken);
        if (replies[1].IsError)
        {
            return false;
        }

        if (!Role.Read(replies[0]).IsMaster)
        {
            await AskAsync(move.Target, [Exec], cancellationToken);
            return false;
        }

        var first = slots.NextSlot(0);
        var last = slots.NextSlot(first + 1);
        var silent = slots.Except(SlotSet.Of(first, last));
        replies = await AskAsync(
            move.Target,
            [
                ClusterCommands.SetSlotNode(first, move.Target.Id),
                ClusterCommands.DelSlotsRange(silent),
                ClusterCommands.AddSlotsRange(silent),
                ClusterCommands.SetSlotNode(last, move.Target.Id),
                Exec,
            ],
            cancellationToken);

        // Whatever it was: one by one, each slot says what is the matter with it.
        return replies[^1] is { IsError: false } executed && executed.Items.Length == replies.Count - 1 && !executed.Items.ToArray().Any(reply => reply.IsError);
    }

    /// <summary>
    /// Has the source agree, which takes its marks off; returns the slots for which it refused, or without an error those of whose new owner it has not
    /// heard yet. They are out of danger, and agreeing is left to the next call.
    /// </summary>
    /// <remarks>
    /// Told before it has heard, redis 7.0 takes older messages of the target for a sign that nobody claims these slots, remembers that when it owns
    /// them again, and then loses them to anybody's older claim. Told after, it also has next to nothing to do.
    /// </remarks>
    public async Task<(SlotSet Slots, string Error)> GiveAsync(SlotSet slots, CancellationToken cancellationToken)
    {
        var unheard = slots;
        for (var question = 0; question < MaxQuestions && !unheard.IsEmpty; question++)
        {
            var replies = await AskAsync(move.Source, [ClusterCommands.Nodes], cancellationToken);
            unheard = slots.Except(ClusterCommands.Nodes.Read(replies[0]).Find(move.Target.Id)?.Slots ?? SlotSet.Empty);
        }

        var refused = await AssignAsync(move.Source, slots.Except(unheard), cancellationToken);
        return (refused.Slots.Union(unheard), refused.Error);
    }

    async Task<(SlotSet Slots, string Error)> AssignAsync(SlotMoveEnd end, SlotSet slots, CancellationToken cancellationToken)
    {
        var replies = await AskAsync(end, [.. slots.Select(slot => ClusterCommands.SetSlotNode(slot, move.Target.Id))], cancellationToken);
        var refused = new SlotSetBuilder();
        var error = "";
        var next = 0;
        foreach (var slot in slots)
        {
            if (replies[next++] is { IsError: true } refusal && !IsDoneAnyway(refusal.ErrorText))
            {
                refused.Add(slot);
                error = refusal.ErrorText;
            }
        }

        return (refused.Build(), error);
    }

    /// <summary>The source may have given its last slot away by gossip and be a replica already (redis #9223; Valkey says primaries).</summary>
    static bool IsDoneAnyway(string error) =>
        error.Contains("Please use SETSLOT only with masters", StringComparison.Ordinal)
        || error.Contains("Please use SETSLOT only with primaries", StringComparison.Ordinal);

    static Task<IReadOnlyList<RespValue>> AskAsync(SlotMoveEnd end, IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken) =>
        end.Session.ExecuteAsync(commands, AnswerWithin, cancellationToken);
}
