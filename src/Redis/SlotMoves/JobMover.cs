namespace Slotwise.Redis.SlotMoves;

/// <summary>
/// Has a server move slots by itself, all of a pair in one job. It only begins the job; what becomes of it is observed (<see cref="SlotMoveJob"/>).
/// Servers begin none while a slot is open, so open slots are gone on with key by key first.
/// </summary>
public sealed class JobMover(SlotMoveMethod method, TimeProvider time) : ISlotMover
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<SlotMoveResult> MoveAsync(SlotMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var views = await SlotMoveView.AskBothAsync(move, cancellationToken);
        if (!SlotSituation.TryRead(move, views.Source, views.Target, out var situation, out var reason))
        {
            return SlotMoveResult.NotReady(reason);
        }

        if (!situation.Open.IsEmpty)
        {
            return await new SetSlotMover(time).MoveAsync(move with { Slots = situation.Open }, cancellationToken);
        }

        var result = new SlotMoveResult(situation.Moved, 0, situation.Obstacles);
        if (situation.Closed.IsEmpty)
        {
            return result;
        }

        var (end, command) = method == SlotMoveMethod.ValkeyJob
            ? (move.Source, (RedisCommand)SlotJobCommands.StartValkeyJob(situation.Closed, move.Target.Id))
            : (move.Target, SlotJobCommands.StartRedisTask(situation.Closed));
        var reply = (await end.Session.ExecuteAsync([command], AnswerWithin, cancellationToken))[0];
        if (!reply.IsError)
        {
            return result with { Started = situation.Closed };
        }

        var kind = reply.ErrorCode == "NOPERM" ? SlotMoveObstacleKind.NoPermission : SlotMoveObstacleKind.Refused;
        var obstacle = new SlotMoveObstacle(kind, situation.Closed, $"{end.Session.Endpoint} refused to move slots {situation.Closed}: {reply.ErrorText}");
        return result with { Obstacles = [.. result.Obstacles, obstacle] };
    }
}
