using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 6: gives the slots of a cluster that never existed before to its first masters. Every shard's share is known beforehand, so no
/// master waits for another one. Slots without owner in a cluster that was whole once are a loss and not handled here.
/// </summary>
/// <remarks>
/// It acts only under proof that nothing can be lost: no server of ours knows a node that is none of ours, and every pod that does not
/// answer never ran a process and has no volume from an earlier life. Otherwise a server with data could be the one that is silent.
/// </remarks>
public static class Founding
{
    /// <summary>How long the first pod of a shard is waited for before another one of the shard becomes its first master.</summary>
    private static readonly TimeSpan FirstPodPatience = TimeSpan.FromSeconds(20);

    /// <summary>Pods and volumes are heard of through the API server; this is for the case that nothing is heard.</summary>
    private static readonly TimeSpan Unheard = TimeSpan.FromSeconds(2);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Observation.WasFormed || view.OwnedSlots.IsFull)
        {
            return RungAnswer.Nothing;
        }

        if (view.Strangers().FirstOrDefault() is { Witness: { } witness, Node: var stranger })
        {
            return RungAnswer.Of(new Wait(
                "UnknownNode",
                $"{witness} knows node {stranger.Id} at {stranger.Ip}:{stranger.Port}, which none of the pods is: slots are not assigned while it may hold keys",
                view.GossipInterval));
        }

        if (FirstDoubtful(view) is { } doubtful)
        {
            return RungAnswer.Of(doubtful);
        }

        var shares = SlotPartition.Split(view.Spec.Shards);
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var refusals = new List<Refusal>();
        for (var shard = 0; shard < shares.Count; shard++)
        {
            var share = shares[shard].Except(view.OwnedSlots);
            if (share.IsEmpty)
            {
                continue;
            }

            if (FirstMaster(view, shard) is not { } master)
            {
                // Of a pod that does not answer is told by the rung of the pods.
                if (view.Observation.Pod(shard, 0) is { Server: not null } first)
                {
                    waits.Add(new Wait("Starting", $"waiting until {first.Name} has loaded, to give it slots {share}", view.GossipInterval));
                }
            }
            else if (master.Server is { Slots.IsEmpty: true, HoldsKeys: true })
            {
                refusals.Add(new Refusal(
                    "UnexpectedKeys",
                    $"{master} holds keys but owns no slot: slots {share} are not assigned to it, as that could make old data visible; flush it, or delete its pod and volume"));
            }
            else
            {
                steps.Add(new AssignSlots(master.Reference, share, IsAlone(master) ? shard + 1 : null));
            }
        }

        return new RungAnswer(steps, waits, refusals);
    }

    /// <summary>Whether this server is about to be given slots, so that nobody may be introduced to it yet.</summary>
    public static bool IsAwaitingSlots(ClusterView view, Member member)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(member);
        return !view.Observation.WasFormed
            && IsAlone(member)
            && member.Server.Slots.IsEmpty
            && member.Shard < view.Spec.Shards
            && view.MasterOf(member.Shard) is null
            && FirstMaster(view, member.Shard)?.Id == member.Id;
    }

    private static bool IsAlone(Member member) => member.Server.KnowsNobody && member.Server.Cluster.CurrentEpoch == 0;

    /// <summary>The shard's owner of slots if there is one, else its first pod, else, when that does not come, its lowest.</summary>
    private static Member? FirstMaster(ClusterView view, int shard)
    {
        if (view.MasterOf(shard) is { } owner)
        {
            return owner;
        }

        var candidates = view.Members.Where(member => member.Shard == shard && member.Server is { IsMaster: true, Info.IsLoading: false }).ToList();
        var isPatienceOver = view.StatefulSet(shard)?.Metadata.CreationTimestamp is { } created && view.Observation.At - created > FirstPodPatience;
        return candidates.FirstOrDefault(member => member.Ordinal == 0 || isPatienceOver);
    }

    /// <summary>A pod that may hold data of an earlier life and does not answer; those of shards that are too many count as well.</summary>
    private static Wait? FirstDoubtful(ClusterView view)
    {
        foreach (var pod in view.Observation.Pods)
        {
            if (pod.Server is null && !(pod.NeverStarted && HasFreshVolume(view, pod.Shard, pod.Ordinal)))
            {
                return new Wait("WaitingForPods", $"waiting for {pod.Name}, whose volume or memory may hold keys: {pod.Silence}", Retry(pod, view));
            }
        }

        for (var shard = 0; shard < view.Spec.Shards; shard++)
        {
            for (var ordinal = 0; ordinal < view.Spec.NodesPerShard; ordinal++)
            {
                if (view.Observation.Pod(shard, ordinal) is null && !HasFreshVolume(view, shard, ordinal))
                {
                    var name = ClusterNames.Pod(view.Observation.Key.Name, shard, ordinal);
                    return new Wait("WaitingForPods", $"waiting for {name}: it does not exist yet and its volume may be from an earlier cluster", Unheard);
                }
            }
        }

        return null;
    }

    private static bool HasFreshVolume(ClusterView view, int shard, int ordinal)
    {
        if (view.Spec.Storage is null)
        {
            return true;
        }

        var name = ClusterNames.Claim(view.Observation.Key.Name, shard, ordinal);
        var claim = view.Observation.Objects.Claims.FirstOrDefault(candidate => candidate.Metadata.Name == name);
        return claim is not null && claim.Metadata.CreationTimestamp >= view.Observation.Cluster.Metadata.CreationTimestamp;
    }

    /// <summary>A process that was just started answers any moment; anything else is heard of from the API server.</summary>
    private static TimeSpan Retry(PodObservation pod, ClusterView view) =>
        pod.Container?.State?.Running?.StartedAt is { } started ? ClusterView.Backoff(view.Observation.At - started) : Unheard;
}
