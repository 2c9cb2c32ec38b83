using System.Globalization;

namespace Slotwise.Redis.SlotMoves;

/// <summary>Whether the target has memory for keys, a tenth of its limit kept free. What it would evict to make room would be lost.</summary>
sealed class TargetRoom(SlotMove move, SlotMoveObstacles obstacles)
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);
    static readonly RedisCommand<RedisInfo> Memory = ServerCommands.Info("memory");

    /// <summary>Asked before each batch, since clients write meanwhile; stops the move where there is no room.</summary>
    public async Task<bool> HoldsAsync(IReadOnlyList<SlotKeys> listed, CancellationToken cancellationToken)
    {
        if (listed.Count == 0 || move.AllowEviction)
        {
            return true;
        }

        var info = Memory.Read((await move.Target.Session.ExecuteAsync([Memory], AnswerWithin, cancellationToken))[0]);
        var needed = listed.Sum(slot => slot.Bytes);
        if (info.MaxMemory == 0 || info.UsedMemory + needed <= info.MaxMemory / 10 * 9)
        {
            return true;
        }

        var slots = SlotSet.Of([.. listed.Select(slot => slot.Slot)]);
        obstacles.Stop(new SlotMoveObstacle(
            SlotMoveObstacleKind.NoMemory,
            slots,
            string.Create(CultureInfo.InvariantCulture, $"{slots.Count} slots from {slots.NextSlot(0)} on need {ByteText.Of(needed)} at {move.Target.Session.Endpoint}, which uses {ByteText.Of(info.UsedMemory)} of its maxmemory {ByteText.Of(info.MaxMemory)}, of which a tenth is kept free")));
        return false;
    }
}
