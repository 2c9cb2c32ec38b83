using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Rungs;

namespace Slotwise.Reconcilers.Planning;

/// <summary>
/// Decides what to do. Pure, total and deterministic: the same observation gives the same plan, and none throws.
/// </summary>
public static class ClusterPlanner
{
    /// <summary>
    /// The ladder. Each rung stands where it stands for a reason, which is written beside it; a change of the order is a change of
    /// the safety argument. The numbers are those of docs/architecture.md, where the rungs that are still to come have theirs too.
    /// </summary>
    static readonly Func<ClusterView, RungAnswer>[] Healing =
    [
        // 2. First of all: a StatefulSet that is away for a moment is where the other rungs put down what must not be forgotten.
        ReplacingSets.Finish,

        // 3. Before all other healing: whatever foreign nodes have brought in, they bring in again while they are known.
        Intruders.Plan,

        // 5. In a hurry: clients cannot write, and a replica copies its empty master within seconds. Before slots are sorted out, which go to whoever holds keys then.
        Promoting.Plan,

        // 2. Only waits: for the pods that the objects bring about. What is to be done about a master that is gone is said before that pods are missing.
        Pods.Plan,

        // 6. Before any meeting, because a server takes an epoch only while it knows nobody, and because a master that owns slots within
        //    its first two seconds serves at once where a later one keeps its clients waiting for five seconds more.
        Founding.Plan,

        // 7. Claims first: a raised epoch and a recovered slot decide against whoever else claims them. Before open slots, which need one owner.
        ContestedSlots.Plan,
        UnclaimedSlots.Plan,
        Resigning.Plan,
        Epochs.Plan,

        // 8. What takes marks away is done in no time; what moves keys comes last.
        OpenSlots.Close,
        FailedMoves.Plan,

        // 7. Before replicas, as a server follows only a master that it knows. Also rung 4: mends addresses that changed. After the slots, which need nobody
        //    to know anybody: a greeting may be sent in vain for ever, and a server has only one step in a pass.
        Meeting.Plan,

        // 9. After slots and meeting: who is master is known only then.
        Following.Plan,

        // 9. Only waits: for what no step can hasten.
        Agreeing.Plan,

        // 10. After everything that mends: what is forgotten takes its slots, its followers and the peers of open slots with it.
        Ghosts.Plan,

        // 8. The long part of it: a move may take long or be refused for ever, and a server has only one step in a pass.
        OpenSlots.Finish,

        // 12. What of it must not be done: said whatever else is the matter.
        Versions.Plan,

        // 12. The part of it that heals: pods that do not run anyway. The rest waits for them.
        StuckPods.Plan,

        // 11. After what heals; before what disturbs, as a failure is noticed late while the time-out is raised.
        LiveConfiguration.Plan,

        // What later passes need to know and will not be able to see.
        Remembering.Plan,
    ];

    /// <summary>
    /// The rungs that disturb a cluster that works. They come last and only when the ones above have nothing to do and wait for nothing but what is local to
    /// a shard; and the first that has a step on a Redis node wins.
    /// </summary>
    static readonly Func<ClusterView, RungAnswer>[] Disturbing =
    [
        // 12. Before all that reshapes: what is replaced then is not moved by what is about to be replaced.
        RollingUpdate.Plan,

        // 13. Replicas first: a shard that gives up copies gets no slots meanwhile.
        FewerReplicas.Plan,

        // 13. Empties shards before
        MovingSlots.Plan,

        // 14. they are removed.
        RemovingShards.Plan,
    ];

    /// <summary>What is done only while nothing else is wanted at all, the first that has something to do.</summary>
    static readonly Func<ClusterView, RungAnswer>[] Quiet =
    [
        // 2. Here although it is about an object that must exist: while a StatefulSet is away nothing can be noted on it.
        ReplacingSets.Plan,

        // 15. Last of all: the cluster works as well without it.
        Respreading.Plan,
    ];

    /// <summary>One pass's plan.</summary>
    public static Plan Plan(ClusterObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        if (observation.Cluster.Spec.Paused)
        {
            return Planning.Plan.Empty;
        }

        var view = new ClusterView(observation);
        var plan = new PlanBuilder(view.Spec.Rebalance.MaxParallelMoves - (view.SlotPlan?.Jobs.Count ?? 0));

        // 2. Without its objects there is nothing to speak of, and nothing below needs them to be complete.
        plan.Add(Objects.Plan(view));
        foreach (var rung in Healing)
        {
            plan.Add(rung(view));
        }

        // A spec of which something cannot be carried out is not carried out by half.
        if (view.Invalid.Count > 0)
        {
            return plan.Build();
        }

        plan.Add(Operations.Plan(view));
        if (plan.Hold is { } hold)
        {
            if (view.SlotPlan is { Remaining: > 0, Kind: not null } held)
            {
                plan.Add(RungAnswer.Of(ScalingGates.Held(held, hold.Message, hold.LookAgain)));
            }

            return plan.Build();
        }

        foreach (var rung in Disturbing)
        {
            plan.AddDisturbing(rung(view));
        }

        foreach (var rung in Quiet)
        {
            if (plan.Build().IsSettled)
            {
                plan.Add(rung(view));
            }
        }

        return plan.Build();
    }
}
