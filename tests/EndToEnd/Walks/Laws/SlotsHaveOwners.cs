namespace Slotwise.EndToEnd.Walks.Laws;

/// <summary>No slot is without an owner for longer than a failover may take. Without replicas there is none, and a shard's pod that is replaced is all that it has.</summary>
sealed class SlotsHaveOwners(TimeSpan nodeTimeout) : WalkLaw
{
    /// <summary>An election on a machine that has other things to do.</summary>
    static readonly TimeSpan Slowness = TimeSpan.FromSeconds(10);

    static readonly TimeSpan Remembered = TimeSpan.FromSeconds(60);

    readonly SlotsOverTime _unowned = new();

    public override IEnumerable<string> Judge(WorldView view)
    {
        var bound = (2 * nodeTimeout) + Slowness;
        if (_unowned.Note(view.At, view.Owned.Complement()) is { } longest && view.At - longest.Since > bound && view.Wishes.LeastSince(view.At - Remembered).Nodes > 1)
        {
            yield return $"nobody owns slots {longest.Slots} for {(view.At - longest.Since).TotalSeconds:0.0} s";
        }
    }
}
