using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Mutants;

/// <summary>The search for a seed at which a mutant breaks a law.</summary>
/// <param name="Found">The run in which it did; null if there was none.</param>
/// <param name="Runs">How many runs it took.</param>
public sealed record Hunt(RunResult? Found, int Runs)
{
    /// <summary>Runs a mutant with one seed after the other. A scenario in which the operator without the fault breaks a law says nothing about the mutant.</summary>
    public static Hunt For(Mutant mutant, int seeds)
    {
        RunResult? found = null;
        var runs = 0;
        Batch.Run(
            Enumerable.Range(1, seeds).Select(seed => ScenarioGenerator.Draw((ulong)seed)),
            result =>
            {
                runs++;
                if (found is null && result.Violation is not null && SimulatedRun.Of(result.Scenario).Violation is null)
                {
                    found = result;
                }

                return found is null;
            },
            mutant);
        return new Hunt(found, runs);
    }
}
