using Slotwise.Simulation.Mutants;

namespace Slotwise.Simulation.Runs;

/// <summary>Many runs on all cores, each on one thread of its own.</summary>
public static class Batch
{
    /// <summary>A run uses its thread's stack for what completes at once, one thing inside the other.</summary>
    const int StackBytes = 16 << 20;

    /// <summary>Carries scenarios out, in any order.</summary>
    /// <param name="scenarios">What is to be run; asked for one after the other.</param>
    /// <param name="done">Told of every result, one at a time; false ends it early.</param>
    /// <param name="mutant">A fault of the operator's that has to be found; null for the operator as it is.</param>
    public static void Run(IEnumerable<Scenario> scenarios, Func<RunResult, bool> done, Mutant? mutant = null)
    {
        ArgumentNullException.ThrowIfNull(scenarios);
        ArgumentNullException.ThrowIfNull(done);
        var gate = new Lock();
        using var next = scenarios.GetEnumerator();
        var isOver = false;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work, StackBytes)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        void Work()
        {
            while (true)
            {
                Scenario scenario;
                lock (gate)
                {
                    if (isOver || !next.MoveNext())
                    {
                        return;
                    }

                    scenario = next.Current;
                }

                var result = SimulatedRun.Of(scenario, mutant);
                lock (gate)
                {
                    isOver |= !done(result);
                }
            }
        }
    }
}
