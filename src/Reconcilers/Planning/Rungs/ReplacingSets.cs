using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// StatefulSets whose claim template asks for smaller volumes than the spec, although all claims have grown: of pods to come the volumes would be too small. The
/// template cannot be changed, so the set is made again around its running pods. It is the last of all rungs, and one set at a time: nothing hurries, and while
/// a set is away nothing can be noted on it.
/// </summary>
public static class ReplacingSets
{
    const string Reason = "ReplacingStatefulSet";

    /// <summary>The API server tells when it is gone; this is for the case that nothing is heard.</summary>
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    /// <summary>The first set to be made again; only for a cluster that wants nothing else.</summary>
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Spec.Storage is not { } storage || !view.IsFormed)
        {
            return RungAnswer.Nothing;
        }

        foreach (var shard in view.Roll.Shards)
        {
            // One whose pods are to be replaced has its turn when they are.
            var set = shard.Set;
            if (Claims.SizeOf(set) < storage.Size
                && !shard.IsDue
                && !IsFailoverRecent(view, set)
                && view.Observation.Pod(shard.Shard, 0) is { } first
                && Claims.Of(view.Observation, first.Name) is { } claim)
            {
                var desired = StatefulSets.Build(view.Observation.Cluster, shard.Shard);
                desired = desired with { Spec = desired.Spec! with { Template = shard.Template, Replicas = set.Spec!.Replicas } };
                return RungAnswer.Of(
                [
                    new ReplaceStatefulSet(
                        StatefulSetReference.Of(set),
                        set.Metadata.ResourceVersion!,
                        ClaimReference.Of(claim),
                        SavedStatefulSet.Write(desired, set),
                        $"its volumes shall have {storage.Size} instead of {Claims.SizeOf(set)}"),
                ]);
            }
        }

        return RungAnswer.Nothing;
    }

    /// <summary>
    /// Rung 2: a set that is away, or is there again. It is made from what was saved, gets its notes back, and then what was saved is removed; in this
    /// order, so that after a crash at any write the next pass knows how far it came.
    /// </summary>
    public static RungAnswer Finish(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var kept = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var saved in SavedStatefulSet.All(view.Observation))
        {
            var live = ClusterMetadata.ShardOf(saved.Set.Metadata) is { } shard ? view.StatefulSet(shard) : null;
            if (live is { Metadata.DeletionTimestamp: null } && live.Metadata.Uid != saved.Set.Metadata.Uid && Forgotten(saved, live).Count == 0)
            {
                continue;
            }

            kept.Add(saved.Claim.Metadata.Name!);
            if (live is { Metadata.DeletionTimestamp: null } && live.Metadata.Uid == saved.Set.Metadata.Uid)
            {
                // It was never deleted. If it still shall be, what is saved is written anew then.
                steps.Add(new ForgetSavedSet(ClaimReference.Of(saved.Claim), StatefulSetReference.Of(live)));
                continue;
            }

            waits.Add(new Wait(Reason, $"StatefulSet {saved.Set.Metadata.Name} is made again with volumes of {Claims.SizeOf(saved.Set)}, while its pods run on", Slow));
            if (live is null)
            {
                steps.Add(new ApplyObject<V1StatefulSet>(saved.Desired, view.Observation.Cluster.Metadata.Uid!));
            }
            else if (live.Metadata.DeletionTimestamp is null)
            {
                steps.Add(new ChangeStatefulSet(StatefulSetReference.Of(live), Forgotten(saved, live), $"note again on StatefulSet {live.Metadata.Name} what was noted before"));
            }
        }

        foreach (var claim in view.Observation.Objects.Claims)
        {
            if (claim.Metadata.Annotations?.ContainsKey(SavedStatefulSet.Annotation) == true && !kept.Contains(claim.Metadata.Name!))
            {
                steps.Add(new ChangeClaim(ClaimReference.Of(claim), $"note no more on claim {claim.Metadata.Name} what the StatefulSet was to be")
                {
                    Notes = new SortedDictionary<string, string?>(StringComparer.Ordinal) { [SavedStatefulSet.Annotation] = null },
                });
            }
        }

        return new RungAnswer(steps, waits, []);
    }

    /// <summary>
    /// Until a failover is forgotten by the servers (law 13) it must not be by us, not even for the moment in which the new set has no notes.
    /// </summary>
    static bool IsFailoverRecent(ClusterView view, V1StatefulSet set) =>
        FailoverHistory.Of(set).Last is { } note && view.Observation.At - note.At < 4 * RedisConfig.NodeTimeout(view.Spec);

    static SortedDictionary<string, string?> Forgotten(SavedStatefulSet saved, V1StatefulSet live)
    {
        var notes = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in saved.Notes)
        {
            if (live.Metadata.Annotations?.ContainsKey(name) != true)
            {
                notes[name] = value;
            }
        }

        return notes;
    }
}
