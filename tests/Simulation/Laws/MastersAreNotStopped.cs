using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// The operator stops no pod whose server is a master with slots, whatever its name is: it hands over or moves the slots first. One that there is nobody to hand over to may be
/// replaced, as its successor comes back with its volume.
/// </summary>
sealed class MastersAreNotStopped() : Law("2", "no master is stopped without a handover")
{
    public override void Stopped(ObjectWrite write, IReadOnlyList<StoppedPod> pods)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(pods);
        foreach (var pod in pods.Where(pod => !pod.Owned.IsEmpty && (write.Kind != "Pod" || pod.HadCopies || World.LeastPodsWantedForLong > 1)))
        {
            Violated(pod.Name, $"is ended by {write.Verb} {write.Kind} {write.ObjectName} while it owns slots {pod.Owned}", "clients lose the shard until somebody takes over, and what was not replicated");
        }
    }
}
