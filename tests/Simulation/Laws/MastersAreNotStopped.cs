using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>The operator stops no pod whose server is a master with slots, whatever its name is: it hands over or moves the slots first.</summary>
sealed class MastersAreNotStopped() : Law("2", "no master is stopped without a handover")
{
    public override void AfterWrite(ObjectWrite write)
    {
        foreach (var (pod, _) in World.StoppedBy(write))
        {
            if (World.ServerOf(pod) is { } server && server.Cluster.Myself is { IsMaster: true, Slots.IsEmpty: false } myself)
            {
                Violated(pod, $"is ended by {write.Verb} {write.Kind} {write.ObjectName} while it owns slots {myself.Slots}", "clients lose the shard until somebody takes over, and what was not replicated");
            }
        }
    }
}
