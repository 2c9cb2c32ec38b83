using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Rungs;
using Slotwise.Reconcilers.Steps;

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
    static readonly Func<ClusterView, RungAnswer>[] Ladder =
    [
        // 2. Without its objects there is nothing to speak of, and nothing below needs them to be complete.
        Objects.Plan,
        Pods.Plan,

        // 6. Before any meeting, because a server takes an epoch only while it knows nobody, and because a master that owns slots within
        //    its first two seconds serves at once where a later one keeps its clients waiting for five seconds more.
        Founding.Plan,

        // 7. Before replicas, as a server follows only a master that it knows. Also rung 4: mends addresses that changed.
        Meeting.Plan,

        // 9. After slots and meeting: who is master is known only then.
        Following.Plan,

        // 9. Only waits: for what no step can hasten.
        Agreeing.Plan,

        // Last: says for all time that the cluster was whole once.
        Formed.Plan,
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
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var refusals = new List<Refusal>();
        var busy = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var plan in Ladder)
        {
            var answer = plan(view);
            foreach (var step in answer.Steps)
            {
                if (!step.Servers.Any(server => busy.Contains(server.PodUid)))
                {
                    steps.Add(step);
                    busy.UnionWith(step.Servers.Select(server => server.PodUid));
                }
            }

            waits.AddRange(answer.Waits);
            refusals.AddRange(answer.Refusals);
        }

        return new Plan(steps, waits, refusals);
    }
}
