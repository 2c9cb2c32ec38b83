namespace Slotwise.Simulation.Mutants;

/// <summary>Mutants whose scripts in the pods are wrong.</summary>
static class ScriptMutants
{
    public static IEnumerable<Mutant> All =>
    [
        new Mutant("start a master that lost its memory", "the start script asks nobody whether another one has what a server has lost")
        {
            StartsAlways = true,
        },
    ];
}
