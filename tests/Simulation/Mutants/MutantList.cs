namespace Slotwise.Simulation.Mutants;

/// <summary>All mutants.</summary>
public static class MutantList
{
    public static IReadOnlyList<Mutant> All { get; } = [.. PlanMutants.All, .. RollingMutants.All, .. FailoverMutants.All, .. RedisMutants.All, .. KubernetesMutants.All, .. ScriptMutants.All];
}
