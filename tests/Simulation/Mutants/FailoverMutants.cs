using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Simulation.Mutants;

/// <summary>Mutants that replace masters wrongly.</summary>
static class FailoverMutants
{
    const ClusterNodeFlags Role = ClusterNodeFlags.Master | ClusterNodeFlags.Replica;

    public static IEnumerable<Mutant> All =>
    [
        new Mutant("FAILOVER before the voters know the candidate", "what a server says of itself is taken for known to all others")
        {
            Plan = plan => observation => plan(Informed(observation)),
        },
        new Mutant("TAKEOVER when only the pod object is gone", "a process whose pod is gone is taken for ended")
        {
            Plan = plan => observation => WithoutSecondLook(plan(WithEnded(observation))),
        },
    ];

    static ClusterObservation Informed(ClusterObservation observation)
    {
        var members = observation.Members.Select(member => member.Server!.Myself).ToList();
        return observation with
        {
            Pods = [.. observation.Pods.Select(pod => pod.Server is { } server ? pod with { Server = server with { Nodes = Inform(server.Nodes, members) } } : pod)],
        };
    }

    static ClusterNodesTable Inform(ClusterNodesTable table, IReadOnlyList<ClusterNode> members) => new(
    [
        .. table.Nodes.Select(node => !node.IsMyself && members.FirstOrDefault(member => member.Id == node.Id) is { } member
            ? node with { Flags = (node.Flags & ~Role) | (member.Flags & Role), MasterId = member.MasterId }
            : node),
    ]);

    static ClusterObservation WithEnded(ClusterObservation observation)
    {
        var present = observation.Pods.Select(pod => pod.Uid).ToList();
        return observation with { EndedPods = [.. observation.Objects.StatefulSets.SelectMany(MemberNote.ReadAll).Select(note => note.PodUid).Where(uid => !present.Contains(uid))] };
    }

    static Plan WithoutSecondLook(Plan plan) => plan with { Steps = [.. plan.Steps.Select(step => step is PromoteReplica promotion ? promotion with { Trace = null } : step)] };
}
