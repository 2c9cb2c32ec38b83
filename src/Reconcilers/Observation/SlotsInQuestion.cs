using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>Finds the slots of which the owner cannot be told from what the servers say of themselves; then it matters where their keys are.</summary>
static class SlotsInQuestion
{
    /// <summary>Open slots, those that two masters claim, and those that none does although nobody who could is silent.</summary>
    public static SlotSet Find(IReadOnlyList<PodObservation> pods, bool isComplete)
    {
        var claimed = SlotSet.Empty;
        var questionable = SlotSet.Empty;
        foreach (var server in pods.Select(pod => pod.Server).OfType<ServerObservation>())
        {
            if (!server.IsMaster)
            {
                continue;
            }

            questionable = questionable
                .Union(claimed.Intersect(server.Slots))
                .Union(SlotSet.Of([.. server.Myself.Migrating.Concat(server.Myself.Importing).Select(open => open.Slot)]));
            claimed = claimed.Union(server.Slots);
        }

        // While somebody is silent it may be the owner: keys would decide nothing.
        return isComplete ? questionable.Union(claimed.Complement()) : questionable;
    }
}
