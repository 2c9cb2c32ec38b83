using Slotwise.Simulation.Mutants;

namespace Slotwise.Simulation.Runs;

/// <summary>
/// Makes a failing scenario smaller while it still breaks the same law: first fewer incidents (delta debugging: halves, then quarters, down to single ones), then a
/// smaller cluster and less work.
/// </summary>
public sealed class Shrinker
{
    const int MaxRuns = 200;

    readonly string _law;
    readonly Mutant? _mutant;
    RunResult _smallest;

    Shrinker(RunResult failure, Mutant? mutant)
    {
        _law = failure.Violation!.Law;
        _mutant = mutant;
        _smallest = failure;
    }

    /// <summary>How many runs it took.</summary>
    public int Runs { get; private set; }

    /// <summary>The smallest failure that was found.</summary>
    public static RunResult Shrink(RunResult failure, Mutant? mutant = null)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var shrinker = new Shrinker(failure, mutant);
        shrinker.ShrinkIncidents();
        shrinker.ShrinkShape();
        shrinker.ShrinkIncidents();
        return shrinker._smallest;
    }

    void ShrinkIncidents()
    {
        for (var size = (_smallest.Scenario.Incidents.Count + 1) / 2; size > 0; size = size == 1 ? 0 : (size + 1) / 2)
        {
            for (var start = 0; start < _smallest.Scenario.Incidents.Count;)
            {
                var (from, to) = (start, start + size);
                if (!Fails(_smallest.Scenario with { Incidents = [.. _smallest.Scenario.Incidents.Where((_, index) => index < from || index >= to)] }))
                {
                    start += size;
                }
            }
        }
    }

    void ShrinkShape()
    {
        Func<Shape, Shape>[] smaller =
        [
            shape => shape with { HasNeighbour = false },
            shape => shape with { Shards = Math.Max(1, shape.Shards - 1) },
            shape => shape with { Shards = Math.Max(1, shape.Shards - 1) },
            shape => shape with { Replicas = Math.Max(0, shape.Replicas - 1) },
            shape => shape with { Image = "redis:7.0" },
            shape => shape with { Keys = Math.Max(1, shape.Keys / 4) },
            shape => shape with { Keys = 0 },
        ];
        foreach (var change in smaller)
        {
            if (change(_smallest.Scenario.Shape) is var shape && shape != _smallest.Scenario.Shape)
            {
                Fails(_smallest.Scenario with { Shape = shape });
            }
        }
    }

    bool Fails(Scenario scenario)
    {
        if (Runs++ >= MaxRuns)
        {
            return false;
        }

        var result = SimulatedRun.Of(scenario, _mutant, keepsTrace: true);
        if (result.Violation?.Law != _law)
        {
            return false;
        }

        _smallest = result;
        return true;
    }
}
