using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning;

/// <summary>
/// Puts the answers of the rungs together, in the order of the ladder, with at most one step per Redis node. Only a move that is gone on with may be refused
/// in every pass until the user decides; so it leaves its servers to the moving of other slots, which is carried out after it.
/// </summary>
/// <param name="maxMoves">How many moves of slots may be made at a time.</param>
sealed class PlanBuilder(int maxMoves)
{
    readonly List<IStep> _steps = [];
    readonly List<Wait> _waits = [];
    readonly List<Refusal> _refusals = [];
    readonly SortedSet<string> _busy = new(StringComparer.Ordinal);
    readonly SortedSet<string> _resuming = new(StringComparer.Ordinal);
    bool _isDisturbed;

    /// <summary>
    /// What keeps a working cluster from being reshaped for now; null when nothing does. Moves that are gone on with do not: reshaping is what they are for.
    /// </summary>
    public Wait? Hold => _waits.Find(wait => !wait.IsLocal) ?? (_steps.Find(step => step.Servers.Count > 0 && step is not MoveSlots) is { } step
        ? new Wait("Healing", step.Description, TimeSpan.FromSeconds(1))
        : null);

    public void Add(RungAnswer answer)
    {
        foreach (var step in answer.Steps)
        {
            TryAdd(step);
        }

        _waits.AddRange(answer.Waits);
        _refusals.AddRange(answer.Refusals);
    }

    /// <summary>
    /// Adds what a rung that disturbs wants, its steps on Redis nodes only if no other such rung has one already. What is only written to Kubernetes is always
    /// added, so that a write which is refused again and again keeps no other rung from its work.
    /// </summary>
    public void AddDisturbing(RungAnswer answer)
    {
        var isTaken = _isDisturbed;
        foreach (var step in answer.Steps)
        {
            if (step.Servers.Count == 0 || !isTaken)
            {
                _isDisturbed |= TryAdd(step) && step.Servers.Count > 0;
            }
        }

        _waits.AddRange(answer.Waits);
        _refusals.AddRange(answer.Refusals);
    }

    public Plan Build() => new(_steps, _waits, _refusals);

    bool TryAdd(IStep step)
    {
        var reshapes = step.Stage == Stages.Reshaping;
        if (step.Servers.Any(server => _busy.Contains(server.PodUid) || (!reshapes && _resuming.Contains(server.PodUid)))
            || (step is MoveSlots && _steps.Count(other => other is MoveSlots && other.Stage == step.Stage) >= maxMoves))
        {
            return false;
        }

        _steps.Add(step);
        (step is MoveSlots && !reshapes ? _resuming : _busy).UnionWith(step.Servers.Select(server => server.PodUid));
        return true;
    }
}
