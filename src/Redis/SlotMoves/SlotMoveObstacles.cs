namespace Slotwise.Redis.SlotMoves;

/// <summary>What one call of a mover found in its way.</summary>
sealed class SlotMoveObstacles(IEnumerable<SlotMoveObstacle> known)
{
    readonly List<SlotMoveObstacle> _all = [.. known];

    public IReadOnlyList<SlotMoveObstacle> All => _all;

    /// <summary>Slots that cannot be moved now.</summary>
    public SlotSet Blocked { get; private set; } = SlotSet.Empty;

    /// <summary>Whether nothing more can be moved between these two now.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Something that keeps only its slots from moving.</summary>
    public void Block(SlotMoveObstacle obstacle)
    {
        _all.Add(obstacle);
        Blocked = Blocked.Union(obstacle.Slots);
    }

    /// <summary>Something that will keep every slot from moving.</summary>
    public void Stop(SlotMoveObstacle obstacle)
    {
        Block(obstacle);
        IsStopped = true;
    }
}
