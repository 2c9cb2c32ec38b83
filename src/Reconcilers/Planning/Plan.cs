using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning;

/// <summary>What one pass decided: a value, which can be shown before it is carried out.</summary>
/// <param name="Steps">What can be done now, in the order of the ladder; at most one per Redis node.</param>
/// <param name="Waits">What has to happen first, and when to look again.</param>
/// <param name="Refusals">What will not be done until the user decides or changes something.</param>
public sealed record Plan(IReadOnlyList<IStep> Steps, IReadOnlyList<Wait> Waits, IReadOnlyList<Refusal> Refusals)
{
    public static readonly Plan Empty = new([], [], []);

    /// <summary>Whether the cluster is as it shall be.</summary>
    public bool IsSettled => Steps.Count == 0 && Waits.Count == 0 && Refusals.Count == 0;
}

/// <summary>Something that the operator waits for.</summary>
/// <param name="Reason">In one CamelCase word, for conditions.</param>
/// <param name="Message">What is waited for, for people.</param>
/// <param name="LookAgain">When to look although no change was heard of.</param>
public sealed record Wait(string Reason, string Message, TimeSpan LookAgain)
{
    /// <summary>
    /// Whether it concerns one shard, slot or pod so little that the cluster may be reshaped elsewhere meanwhile. Any other wait holds rungs 12 to 15.
    /// </summary>
    public bool IsLocal { get; init; }
}

/// <summary>Something that only the user can decide or mend.</summary>
/// <param name="Reason">In one CamelCase word, for conditions.</param>
/// <param name="Message">What is wrong and what to do about it.</param>
public sealed record Refusal(string Reason, string Message)
{
    /// <summary>Whether clients do not find some of their keys because of it: the cluster is not ready then, although all slots are served.</summary>
    public bool HidesKeys { get; init; }
}
