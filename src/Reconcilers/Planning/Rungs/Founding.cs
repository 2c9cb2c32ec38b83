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
/// It acts only under proof that nothing can be lost: no server of ours knows a node that is none of ours (or every pod answers and such a
/// node owns nothing), and every pod that does not answer never ran a process and has a volume that nobody wrote to. Otherwise a server with data could be the one that is silent.
/// </remarks>
public static class Founding
{
    /// <summary>How long the first pod of a shard is waited for before another one of the shard becomes its first master.</summary>
    static readonly TimeSpan FirstPodPatience = TimeSpan.FromSeconds(20);

    /// <summary>Pods and volumes are heard of through the API server; this is for the case that nothing is heard.</summary>
    static readonly TimeSpan Unheard = TimeSpan.FromSeconds(2);

    /// <summary>Between a claim and the pod for which it is made lie two requests of one controller.</summary>
    static readonly TimeSpan ClaimToPod = TimeSpan.FromSeconds(5);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.WasFounded)
        {
            return RungAnswer.Nothing;
        }

        // Of a pod that was replaced meanwhile a node remains that nobody will ever hear of again. Once every pod answers it is none of them, and
        // one that owns nothing in anybody's view leaves nothing to be lost.
        var isSomebodySilent = IsSomebodySilent(view);
        if (view.Strangers().FirstOrDefault(known => isSomebodySilent || !known.Node.Slots.IsEmpty) is { Witness: { } witness, Node: var stranger })
        {
            var what = $"{witness} knows node {stranger.Id} at {stranger.Ip}:{stranger.Port}, which none of the pods is: slots are not assigned while it may hold keys";
            return isSomebodySilent
                ? RungAnswer.Of(new Wait("UnknownNode", what, view.GossipInterval))
                : RungAnswer.Of([new Refusal("UnknownNode", $"{what}; if it is gone for good, delete the cluster and make it again")]);
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
        return !view.WasFounded
            && IsAlone(member)
            && member.Server.Slots.IsEmpty
            && member.Shard < view.Spec.Shards
            && view.MasterOf(member.Shard) is null
            && FirstMaster(view, member.Shard)?.Id == member.Id;
    }

    static bool IsAlone(Member member) => member.Server.KnowsNobody && member.Server.Cluster.CurrentEpoch == 0;

    /// <summary>The shard's owner of slots if there is one, else its first pod, else, when that does not come, its lowest.</summary>
    static Member? FirstMaster(ClusterView view, int shard)
    {
        if (view.MasterOf(shard) is { } owner)
        {
            return owner;
        }

        var candidates = view.Members.Where(member => member.Shard == shard && member.Server is { IsMaster: true, Info.IsLoading: false }).ToList();
        var isPatienceOver = view.StatefulSet(shard)?.Metadata.CreationTimestamp is { } created && view.Observation.At - created > FirstPodPatience;
        return candidates.FirstOrDefault(member => member.Ordinal == 0 || isPatienceOver);
    }

    /// <summary>Whether the server of any pod that there is or shall be does not answer; those of shards that are too many count as well.</summary>
    static bool IsSomebodySilent(ClusterView view) =>
        view.Observation.Pods.Any(pod => pod.Server is null)
        || Enumerable.Range(0, view.Spec.Shards).Any(shard =>
            Enumerable.Range(0, view.Spec.NodesPerShard).Any(ordinal => view.Observation.Pod(shard, ordinal) is null));

    /// <summary>A pod that may hold data of an earlier life and does not answer; those of shards that are too many count as well.</summary>
    static Wait? FirstDoubtful(ClusterView view)
    {
        foreach (var pod in view.Observation.Pods)
        {
            if (pod.Server is null && !(pod.NeverStarted && HasUnusedVolume(view, pod)))
            {
                return new Wait("WaitingForPods", $"waiting for {pod.Name}, whose volume or memory may hold keys: {pod.Silence}", Retry(pod, view));
            }
        }

        for (var shard = 0; shard < view.Spec.Shards; shard++)
        {
            for (var ordinal = 0; ordinal < view.Spec.NodesPerShard; ordinal++)
            {
                // Where there are volumes, the pod that will come may not be the first one on its own.
                if (view.Spec.Storage is not null && view.Observation.Pod(shard, ordinal) is null)
                {
                    var name = ClusterNames.Pod(view.Observation.Key.Name, shard, ordinal);
                    return new Wait("WaitingForPods", $"waiting for {name}: it does not exist yet and its volume may have been used", Unheard);
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Whether no server has ever written to the pod's volume: it was made for this cluster and just before this pod. A pod that came later may be
    /// the second one on it, and the first may have owned slots.
    /// </summary>
    static bool HasUnusedVolume(ClusterView view, PodObservation pod)
    {
        if (view.Spec.Storage is null)
        {
            return true;
        }

        var name = ClusterNames.Claim(view.Observation.Key.Name, pod.Shard, pod.Ordinal);
        var claim = view.Observation.Objects.Claims.FirstOrDefault(candidate => candidate.Metadata.Name == name);
        return claim is not null
            && claim.Metadata.CreationTimestamp >= view.Observation.Cluster.Metadata.CreationTimestamp
            && pod.Pod.Metadata.CreationTimestamp - claim.Metadata.CreationTimestamp <= ClaimToPod;
    }

    /// <summary>A process that was just started answers any moment; anything else is heard of from the API server.</summary>
    static TimeSpan Retry(PodObservation pod, ClusterView view) =>
        pod.Container?.State?.Running?.StartedAt is { } started ? ClusterView.Backoff(view.Observation.At - started) : Unheard;
}
