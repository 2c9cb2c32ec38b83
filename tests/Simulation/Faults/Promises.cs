using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Faults;

/// <summary>
/// What the operator does not promise yet, and why: such scenarios are not drawn, so that what the suite finds is a defect. Whoever adds the promise takes its
/// line away here; at present there is none.
/// </summary>
public static class Promises
{
    static readonly Exclusion[] Exclusions = [];

    /// <summary>The reasons, for the report.</summary>
    public static IEnumerable<string> Reasons => Exclusions.Select(exclusion => exclusion.Reason);

    /// <summary>Whether the operator promises to cope with it.</summary>
    public static bool Cover(Shape shape, Incident incident) => Array.TrueForAll(Exclusions, exclusion => !exclusion.Concerns(shape, incident));

    sealed record Exclusion(string Reason, Func<Shape, Incident, bool> Concerns);
}
