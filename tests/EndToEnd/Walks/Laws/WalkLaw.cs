namespace Slotwise.EndToEnd.Walks.Laws;

/// <summary>What must be true of a walk at every time. A law says with each look what breaks it.</summary>
abstract class WalkLaw
{
    /// <summary>A wish that was taken back, the operator's hearing of it and a pass take no longer, on a machine that has other things to do.</summary>
    protected static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(20);

    public abstract IEnumerable<string> Judge(WorldView view);
}
