using Slotwise.Entities;
using Slotwise.Reconcilers.Planning.Failovers;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 7, of a server that lost its memory and waits at its gate for a replica that may have its keys (gate.sh): when that one is proven gone, and the user wants
/// lost slots served, it is told to start without. Beside the unclaimed slots, which are those of servers whose pods answer.
/// </summary>
public static class Resigning
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Spec.Recovery.LostSlots != LostSlotsPolicy.Reassign)
        {
            return RungAnswer.Nothing;
        }

        var steps = new List<IStep>();
        foreach (var note in view.Notes.Where(note => note.IsMaster && view.Find(note.Id) is null))
        {
            // Whoever follows it has what it lost, and is promoted.
            if (view.Observation.Pods.FirstOrDefault(pod => pod.Uid == note.PodUid) is { IsAtGate: true } waiting
                && waiting.Pod.Metadata.Annotations?.GetValueOrDefault(ClusterMetadata.StartEmptyAnnotation) != note.Id.ToString()
                && !view.Members.Any(member => member.Server.Myself.MasterId == note.Id)
                && Remains.Find(view, note.Id) is null
                && !OwnsOthers(view, note.Id))
            {
                steps.Add(new LetStartEmpty(view.Observation.Key.Namespace, note.Pod, note.PodUid, note.Id));
            }
        }

        return RungAnswer.Of(steps);
    }

    /// <summary>Whether somebody else serves its slots by now: then its gate lets it pass by itself.</summary>
    static bool OwnsOthers(ClusterView view, NodeId id) =>
        view.Members.Any(member => member.Server.Nodes.Find(id) is not null) && view.Members.All(member => member.Server.Nodes.Find(id) is null or { Slots.IsEmpty: true });
}
