using Slotwise.Scenarios.Suite;

namespace Slotwise.Scenarios.Catalogue;

/// <summary>Everything that this suite does to clusters.</summary>
static class AllScenarios
{
    public static readonly IReadOnlyList<Scenario> List =
    [
        .. ProcessScenarios.List, .. PodScenarios.List, .. NetworkScenarios.List, .. HostScenarios.List, .. RollScenarios.List, .. HandoverScenarios.List, .. VolumeScenarios.List,
    ];
}
