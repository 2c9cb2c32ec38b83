using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Planning.Failovers;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Status;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 13: replicas above <c>replicasPerShard</c>. The highest ordinals go; a master among them hands over first to one that stays and is in sync.
/// Some shards at a time, as every handover holds clients back for a moment.
/// </summary>
public static class FewerReplicas
{
    /// <summary>Pods end without the operator; it hears of it through the API server.</summary>
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var tooMany = new List<V1StatefulSet>();
        var disturbed = 0;
        for (var shard = 0; shard < view.Spec.Shards; shard++)
        {
            if (view.StatefulSet(shard) is not { Metadata.DeletionTimestamp: null } set)
            {
                continue;
            }

            if (set.Spec?.Replicas > view.Spec.NodesPerShard)
            {
                tooMany.Add(set);
            }
            else if (view.Observation.Pods.FirstOrDefault(pod => pod.Shard == shard && pod.Ordinal >= view.Spec.NodesPerShard) is { } leaving)
            {
                waits.Add(new Wait("FewerReplicas", $"{leaving.Name} is ending", Slow));
                disturbed++;
            }
            else
            {
                RemoveClaims(view, set, shard, steps);
            }
        }

        disturbed += tooMany.Count(set => IsHandingOver(view, set));
        foreach (var set in tooMany)
        {
            // A shard that has to wait for itself keeps no other one waiting.
            var answer = Shrink(view, set);
            waits.AddRange(answer.Waits);
            if (answer.Steps.Count > 0 && (disturbed < view.Spec.Update.MaxParallelShards || IsHandingOver(view, set)))
            {
                steps.AddRange(answer.Steps);
                disturbed++;
            }
        }

        return new RungAnswer(steps, waits, []);
    }

    /// <summary>Whether it was asked for a moment ago, and is under way if it succeeds at all.</summary>
    static bool IsHandingOver(ClusterView view, V1StatefulSet set) =>
        Elections.UntilOver(view, FailoverHistory.Of(set)) is not null;

    static RungAnswer Shrink(ClusterView view, V1StatefulSet set)
    {
        var shard = ClusterMetadata.ShardOf(set.Metadata)!.Value;
        var nodes = view.Spec.NodesPerShard;
        if (view.LeaderOf(shard) is not { } master)
        {
            return RungAnswer.Nothing;
        }

        // Which copies stay is decided by the ordinals alone, so every one of them must be good before any other goes.
        var staying = view.Members.Where(member => member.Shard == shard && member.Ordinal < nodes).ToList();
        var isMissing = staying.Count < nodes;
        if (isMissing || staying.Find(member => member.Id != master.Id && !NodeHealth.IsInSyncWithItsShard(view, member)) is not null)
        {
            var which = staying.Find(member => member.Id != master.Id && !NodeHealth.IsInSyncWithItsShard(view, member))?.ToString() ?? "a pod that stays";
            return RungAnswer.Of(new Wait("ReplicaNotInSync", $"shard {shard} keeps its replicas until {which} is in sync: one of those that are to go may hold the only copy", view.GossipInterval));
        }

        if (master.Ordinal >= nodes)
        {
            return Handovers.Plan(view, set, master, staying);
        }

        var leaving = view.Members.Where(member => member.Shard == shard && member.Ordinal >= nodes).ToList();
        var notes = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        if (view.Spec.Storage is { WhenScaled: VolumeRetention.Delete })
        {
            notes[ClusterMetadata.RetiredClaimsAnnotation] = nodes.ToString(CultureInfo.InvariantCulture);
        }

        var change = new ChangeStatefulSet(
            StatefulSetReference.Of(set),
            notes,
            string.Create(CultureInfo.InvariantCulture, $"StatefulSet {set.Metadata.Name} runs {nodes} pods instead of {set.Spec!.Replicas}"))
        {
            Replicas = nodes,
            ResourceVersion = set.Metadata.ResourceVersion,
            Event = "FewerPods",
        };
        return RungAnswer.Of([new RetirePods(change, [.. leaving.Select(member => member.Party)], MustBeEmpty: false)]);
    }

    /// <summary>The volumes of replicas that were removed while <c>whenScaled</c> said Delete: copies of what the shard still has.</summary>
    static void RemoveClaims(ClusterView view, V1StatefulSet set, int shard, List<IStep> steps)
    {
        if (view.Annotation(shard, ClusterMetadata.RetiredClaimsAnnotation) is not { } note)
        {
            return;
        }

        var claims = view.Spec.Storage is { WhenScaled: VolumeRetention.Delete } && int.TryParse(note, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            ? RetiredClaims.Of(view, shard, Math.Max(first, set.Spec?.Replicas ?? 1))
            : [];
        if (claims.Count > 0)
        {
            steps.AddRange(claims);
            return;
        }

        steps.Add(new ChangeStatefulSet(
            StatefulSetReference.Of(set),
            new SortedDictionary<string, string?>(StringComparer.Ordinal) { [ClusterMetadata.RetiredClaimsAnnotation] = null },
            $"the volumes of removed replicas of shard {shard} are deleted"));
    }
}
