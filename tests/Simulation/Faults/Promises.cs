using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Faults;

/// <summary>
/// What the operator does not promise yet, and why: such scenarios are not drawn, so that what the suite finds is a defect. Whoever adds the promise takes its
/// line away here.
/// </summary>
public static class Promises
{
    static readonly Exclusion[] Exclusions =
    [
        new(
            "a host that loses its power takes the last second of its append-only files along: the gate that has such a master give way to its replica (gate.sh) is not in the simulated start yet",
            (shape, incident) => shape is { HasVolumes: true, Replicas: > 0 } && incident is HostOff),
        new(
            "without replicas the keys of a pod that is gone are gone, too, and slots that are lost are not given away yet (recovery.lostSlots)",
            (shape, incident) => shape.Replicas == 0 && LosesData(shape, incident)),
        new(
            "a full volume ends the server at the next change of an epoch: the reserve file is not in the simulated start yet",
            (_, incident) => incident is FullVolume),
    ];

    /// <summary>The reasons, for the report.</summary>
    public static IEnumerable<string> Reasons => Exclusions.Select(exclusion => exclusion.Reason);

    /// <summary>Whether the operator promises to cope with it.</summary>
    public static bool Cover(Shape shape, Incident incident) => Array.TrueForAll(Exclusions, exclusion => !exclusion.Concerns(shape, incident));

    /// <summary>Whether it takes a pod's keys away for good.</summary>
    static bool LosesData(Shape shape, Incident incident) => incident switch
    {
        VolumeLoss => true,
        ProcessKill or PodDeletion or PodEviction or AddressExchange or HostOff or HostCut => !shape.HasVolumes,
        _ => false,
    };

    sealed record Exclusion(string Reason, Func<Shape, Incident, bool> Concerns);
}
