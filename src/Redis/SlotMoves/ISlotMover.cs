namespace Slotwise.Redis.SlotMoves;

/// <summary>A way to move slots from one master to another. It remembers nothing: whatever an earlier call left behind is read from the two servers.</summary>
public interface ISlotMover
{
    /// <summary>Moves some of the slots, or has a server begin to. Can be repeated or abandoned at any instant.</summary>
    /// <exception cref="RedisConnectionException">A session broke; what was done so far stays done, and the next call goes on from there.</exception>
    /// <exception cref="RedisServerException">A server answered with what it never answers.</exception>
    Task<SlotMoveResult> MoveAsync(SlotMove move, CancellationToken cancellationToken);
}
