using Slotwise.Simulation.Laws;
using Slotwise.Simulation.Mutants;

namespace Slotwise.Simulation.Runs;

/// <summary>Carries a scenario out.</summary>
public static class SimulatedRun
{
    /// <summary>From the beginning to the end, or to the first law that is broken.</summary>
    /// <param name="scenario">What is to happen.</param>
    /// <param name="mutant">A fault of the operator's that has to be found; null for the operator as it is.</param>
    /// <param name="keepsTrace">Whether the trace is to be read.</param>
    public static RunResult Of(Scenario scenario, Mutant? mutant = null, bool keepsTrace = false)
    {
        var world = new RunWorld(scenario, mutant, keepsTrace);
        Violation? failure = null;
        try
        {
            world.Run();
        }
#pragma warning disable CA1031 // whatever it is, it belongs to this run, and the others go on
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = new Violation("the run itself", world.Simulator.Now, "somebody", $"threw {exception.GetType().Name}: {exception.Message}", exception.StackTrace ?? "");
        }

        return new RunResult(
            scenario,
            world.Simulator.Trace.Digest,
            world.Violation ?? failure,
            world.Points,
            world.HasCrashed,
            world.Simulator.Now,
            world.Simulator.Steps,
            world.Outcome.Waited,
            world.Outcome.IsRefused,
            world.Ledger.Acknowledged,
            world.Ledger.Excused,
            world.Simulator.Trace.Lines);
    }
}
