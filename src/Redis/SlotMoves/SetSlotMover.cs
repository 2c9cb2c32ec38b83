namespace Slotwise.Redis.SlotMoves;

/// <summary>
/// Moves slots by CLUSTER SETSLOT and MIGRATE. The order is the safety: importing on the target, migrating on the source, the keys, the owner on
/// the target, the owner on the source (redis #7116). A later step is sent only when the earlier one was answered, so that whatever breaks, no key
/// is out of reach and the next call sees from both servers' states where to go on.
/// </summary>
public sealed class SetSlotMover(TimeProvider time) : ISlotMover
{
    /// <summary>SETSLOT and COUNTKEYSINSLOT take microseconds each; this many together take some milliseconds.</summary>
    const int MaxPipeline = 1024;

    /// <inheritdoc/>
    public async Task<SlotMoveResult> MoveAsync(SlotMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var started = time.GetTimestamp();
        var views = await SlotMoveView.AskBothAsync(move, cancellationToken);
        if (!SlotSituation.TryRead(move, views.Source, views.Target, out var situation, out var reason))
        {
            return SlotMoveResult.NotReady(reason);
        }

        var run = new SetSlotRun(move, situation, time, started);
        await run.MoveOpenAsync(cancellationToken);
        await run.MoveClosedAsync(MaxPipeline, cancellationToken);
        return run.Result;
    }
}
