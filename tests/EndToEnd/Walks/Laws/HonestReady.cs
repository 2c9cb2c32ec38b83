namespace Slotwise.EndToEnd.Walks.Laws;

/// <summary>Ready does not outlive a pass that saw that slots have no owner; nor is it written while that is so.</summary>
sealed class HonestReady : WalkLaw
{
    /// <summary>An observation and a pass, on a machine that has other things to do; a new operator has to find out first.</summary>
    static readonly TimeSpan Pass = TimeSpan.FromSeconds(10);

    readonly SlotsOverTime _unowned = new();

    public override IEnumerable<string> Judge(WorldView view)
    {
        var isReady = view.Cluster.Status?.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
        if (_unowned.Note(view.At, view.Owned.Complement()) is { } longest && isReady && view.At - longest.Since > Pass && view.OperatorUpFor > Pass)
        {
            yield return $"the status says Ready though nobody owns slots {longest.Slots} for {(view.At - longest.Since).TotalSeconds:0.0} s";
        }
    }
}
