using Slotwise.Redis;

namespace Slotwise.Reconcilers.Observation;

/// <summary>Finds the slots of which the owner cannot be told from what the servers say of themselves; then it matters where their keys are.</summary>
static class SlotsInQuestion
{
    /// <summary>Open slots, those that two masters claim, and those that none does although every pod answers.</summary>
    public static SlotSet Find(IReadOnlyList<PodObservation> pods, bool wasFormed)
    {
        var claimed = SlotSet.Empty;
        var questionable = SlotSet.Empty;
        var believed = SlotSet.Empty;
        var ids = new SortedSet<NodeId>(pods.Select(pod => pod.Server).OfType<ServerObservation>().Select(server => server.Id));
        foreach (var server in pods.Select(pod => pod.Server).OfType<ServerObservation>())
        {
            foreach (var node in server.Nodes.Nodes)
            {
                believed = ids.Contains(node.Id) ? believed : believed.Union(node.Slots);
            }

            if (!server.IsMaster)
            {
                continue;
            }

            questionable = questionable
                .Union(claimed.Intersect(server.Slots))
                .Union(SlotSet.Of([.. server.Myself.Migrating.Concat(server.Myself.Importing).Select(open => open.Slot)]));
            claimed = claimed.Union(server.Slots);
        }

        // While somebody is silent it may be the owner, and one that only strangers own is lost to whoever answers: keys would decide nothing.
        return wasFormed && pods.All(pod => pod.Server is not null)
            ? questionable.Union(claimed.Complement().Except(believed))
            : questionable;
    }
}
