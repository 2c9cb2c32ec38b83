using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Planning.Rolling;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Simulation.Mutants;

/// <summary>Mutants that replace pods wrongly.</summary>
static class RollingMutants
{
    const int Many = 5;

    public static IEnumerable<Mutant> All =>
    [
        new Mutant("roll a master without a handover", "where a master is to hand over because its pod is outdated, the pod is replaced at once")
        {
            Plan = plan => observation => WithoutHandovers(plan(observation), observation),
        },
        new Mutant("two shards rolled at once", "the resource is read as if it allowed several shards to be updated at a time")
        {
            Plan = plan => observation => plan(Hurried(observation)),
        },
        new Mutant("edit all templates at once", "when the turn of one shard has come the templates of all that are outdated are edited")
        {
            Plan = plan => observation => WithAllTemplates(plan(observation), observation),
        },
    ];

    static Plan WithoutHandovers(Plan plan, ClusterObservation observation)
    {
        if (!plan.Steps.Any(step => step is Handover))
        {
            return plan;
        }

        var due = new ClusterView(observation).Roll.Shards.Where(shard => shard.IsDue).Select(shard => shard.Set.Metadata.Uid).ToList();
        return plan with { Steps = [.. plan.Steps.Select(step => step is Handover handover && due.Contains(handover.Set.Uid) ? Replace(observation, handover.Master.Server) : step)] };
    }

    static ReplacePod Replace(ClusterObservation observation, ServerReference master) =>
        new(observation.Key.Namespace, master.Pod, master.PodUid, ResourceVersion: null, Server: null, "it is outdated");

    static ClusterObservation Hurried(ClusterObservation observation) => observation with
    {
        Cluster = observation.Cluster with { Spec = observation.Cluster.Spec with { Update = observation.Cluster.Spec.Update with { MaxParallelShards = Many } } },
    };

    static Plan WithAllTemplates(Plan plan, ClusterObservation observation)
    {
        var edited = plan.Steps.OfType<ChangeTemplate>().Select(step => step.Set.Name).ToList();
        if (edited.Count == 0)
        {
            return plan;
        }

        var view = new ClusterView(observation);
        var others = view.Roll.Shards.Where(shard => !shard.IsTemplateCurrent && !edited.Contains(shard.Set.Metadata.Name!));
        return plan with { Steps = [.. plan.Steps, .. others.Select(shard => RollSteps.ChangeTemplate(view, shard))] };
    }
}
