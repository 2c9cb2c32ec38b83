using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Simulation.Mutants;

/// <summary>Mutants that observe or decide wrongly.</summary>
static class PlanMutants
{
    public static IEnumerable<Mutant> All =>
    [
        new Mutant("forget before promoting", "a node whose pod does not answer is forgotten although its replicas could take its place")
        {
            Plan = plan => observation => With(plan(observation), observation, [.. Forget(observation)]),
        },
        new Mutant("delete a StatefulSet before its slots are gone", "a shard that is to be removed is removed when it is marked")
        {
            Plan = plan => observation => With(plan(observation), observation, [.. RemoveMarked(observation)]),
        },
        new Mutant("delete a volume before the last copy is elsewhere", "the volumes of a shard that is to be removed are deleted when it is marked")
        {
            Plan = plan => observation => With(plan(observation), observation, [.. RemoveClaimsOfMarked(observation)]),
        },
        new Mutant("drain the shard that a stale view names", "which shards are wanted is remembered from an earlier pass")
        {
            Plan = plan => new StaleWish(plan).Decide,
        },
        new Mutant("trust a pod's name for its role", "the highest ordinals are taken for replicas when there shall be fewer of them")
        {
            Plan = plan => observation => With(plan(observation), observation, [.. Shrink(observation)]),
        },
        new Mutant("MEET by address alone", "a pod that does not answer is met all the same, at the address that its object has")
        {
            Plan = plan => observation => With(plan(observation), observation, [.. Meet(observation)]),
        },
        new Mutant("take an unreachable node for dead", "pods whose servers do not answer are passed over as if there were none")
        {
            Plan = plan => observation => plan(WithoutSilent(observation)),
        },
        new Mutant("read status as truth", "a cluster whose status says Ready is left alone")
        {
            Plan = plan => observation => IsSaidReady(observation) ? Plan.Empty : plan(observation),
        },
        new Mutant("a waiting rung that starves healing", "nothing is done while anything is waited for")
        {
            Plan = plan => observation => plan(observation) is { Waits.Count: > 0 } waiting ? waiting with { Steps = [] } : plan(observation),
        },
    ];

    static Plan With(Plan plan, ClusterObservation observation, IReadOnlyList<IStep> steps) =>
        observation.Cluster.Spec.Paused || steps.Count == 0 ? plan : plan with { Steps = [.. plan.Steps, .. steps] };

    static IEnumerable<ForgetNodes> Forget(ClusterObservation observation)
    {
        var present = observation.Members.Select(member => member.Server!.Id).ToList();
        return from member in observation.Members
               let gone = member.Server!.Nodes.Nodes.Where(node => node.HasFailed && !present.Contains(node.Id) && member.Server.Myself.MasterId != node.Id).Select(node => node.Id).ToList()
               where gone.Count > 0
               select new ForgetNodes(member.Reference!, gone, AreForeign: true);
    }

    static IEnumerable<MeetAddress> Meet(ClusterObservation observation) =>
        from silent in observation.Pods
        where silent is { Server: null, NeverStarted: false } && observation.Members.Any()
        let at = silent.Reference
        where at is not null
        select new MeetAddress(observation.Members.First().Reference!, at.Endpoint.Host, ClusterPorts.Bus(observation.Key));

    static IEnumerable<DeleteObject<V1StatefulSet>> RemoveMarked(ClusterObservation observation) =>
        Marked(observation).Select(set => new DeleteObject<V1StatefulSet>(observation.Key.Namespace, set.Metadata.Name!, set.Metadata.Uid!));

    static IEnumerable<DeleteObject<V1PersistentVolumeClaim>> RemoveClaimsOfMarked(ClusterObservation observation) =>
        from set in Marked(observation)
        from claim in observation.Objects.Claims
        where ClusterMetadata.ShardOf(claim.Metadata) == ClusterMetadata.ShardOf(set.Metadata) && claim.Metadata.DeletionTimestamp is null
        select new DeleteObject<V1PersistentVolumeClaim>(observation.Key.Namespace, claim.Metadata.Name!, claim.Metadata.Uid!);

    static IEnumerable<V1StatefulSet> Marked(ClusterObservation observation) => observation.Objects.StatefulSets.Where(set =>
        set.Metadata.IsControlledBy(observation.Cluster.Metadata.Uid) && set.Metadata.Annotations?.ContainsKey(ClusterMetadata.DrainingAnnotation) == true);

    static IEnumerable<ChangeStatefulSet> Shrink(ClusterObservation observation) =>
        from set in observation.Objects.StatefulSets
        where observation.WasFormed && set.Metadata.IsControlledBy(observation.Cluster.Metadata.Uid) && set.Spec?.Replicas > observation.Cluster.Spec.NodesPerShard
        select new ChangeStatefulSet(StatefulSetReference.Of(set), new SortedDictionary<string, string?>(StringComparer.Ordinal), $"fewer pods of {set.Metadata.Name}") { Replicas = observation.Cluster.Spec.NodesPerShard };

    static ClusterObservation WithoutSilent(ClusterObservation observation)
    {
        var silent = observation.Pods.Where(pod => pod.Server is null && !pod.NeverStarted).ToList();
        return silent.Count == 0 ? observation : observation with
        {
            Cluster = observation.Cluster with { Spec = observation.Cluster.Spec with { Storage = null } },
            Pods = [.. observation.Pods.Select(pod => silent.Contains(pod) ? pod with { Pod = pod.Pod with { Status = new V1PodStatus() } } : pod)],
        };
    }

    static bool IsSaidReady(ClusterObservation observation) =>
        observation.Cluster.Status?.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    sealed class StaleWish(Func<ClusterObservation, Plan> plan)
    {
        static readonly TimeSpan Kept = TimeSpan.FromSeconds(60);

        RedisClusterSpec? _remembered;
        DateTimeOffset _since;

        public Plan Decide(ClusterObservation observation)
        {
            var spec = observation.Cluster.Spec;
            if (_remembered is null || observation.At - _since > Kept || spec.Shards < _remembered.Shards)
            {
                _remembered = spec;
                _since = observation.At;
            }

            return plan(observation with { Cluster = observation.Cluster with { Spec = spec with { Shards = _remembered.Shards } } });
        }
    }
}
