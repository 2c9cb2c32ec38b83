using Slotwise.Simulation.Laws;

namespace Slotwise.Simulation.Runs;

/// <summary>What came of a run.</summary>
/// <param name="Scenario">What was to happen.</param>
/// <param name="Digest">Of the whole trace: equal for two runs of the same course.</param>
/// <param name="Violation">The first law that was broken; null for none.</param>
/// <param name="Points">The writes of the operator and how often they came.</param>
/// <param name="HasCrashed">Whether the operator ended at all writes where it was to.</param>
/// <param name="Lasted">In its own time.</param>
/// <param name="Steps">What it cost.</param>
/// <param name="Settled">How long after the last fault all was as it should be.</param>
/// <param name="IsRefused">Whether it ended with something that the user must decide.</param>
/// <param name="Acknowledged">Writes that clients were promised.</param>
/// <param name="Excused">Of these, the ones that a fault may have cost.</param>
/// <param name="Trace">The trace, where it was kept.</param>
public sealed record RunResult(
    Scenario Scenario,
    string Digest,
    Violation? Violation,
    IReadOnlyDictionary<string, int> Points,
    bool HasCrashed,
    TimeSpan Lasted,
    long Steps,
    TimeSpan Settled,
    bool IsRefused,
    int Acknowledged,
    int Excused,
    IReadOnlyList<string> Trace);
