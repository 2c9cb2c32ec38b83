using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning;

/// <summary>
/// What a rung of the ladder answers: steps that can succeed now, waits, refusals, or nothing. A wait stops only the rungs and
/// shards that need what is waited for; it never keeps another rung from healing.
/// </summary>
public sealed record RungAnswer(IReadOnlyList<IStep> Steps, IReadOnlyList<Wait> Waits, IReadOnlyList<Refusal> Refusals)
{
    public static readonly RungAnswer Nothing = new([], [], []);

    public static RungAnswer Of(IReadOnlyList<IStep> steps) => new(steps, [], []);

    public static RungAnswer Of(Wait wait) => new([], [wait], []);

    public static RungAnswer Of(IReadOnlyList<Refusal> refusals) => new([], [], refusals);
}
