using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 14: shards that were emptied. Below rung 13, which empties them. In this order: all agree that they own nothing, and they hold no key; they
/// send clients on for a moment longer; their ids are noted and their pods end, in one write; every other node has forgotten the ids, so that no ghost remains; then the objects go.
/// </summary>
public static class RemovingShards
{
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long an emptied shard still answers MOVED. A command that is on its way to it when its process ends gets no answer, and its client cannot
    /// know that nothing was done; after this time clients know from the commands before that one where the slots went.
    /// </summary>
    static readonly TimeSpan Lingering = TimeSpan.FromSeconds(2);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var steps = new List<IStep>();
        var waits = new List<Wait>();
        var refusals = new List<Refusal>();
        if (!view.IsFormed)
        {
            return RungAnswer.Nothing;
        }

        foreach (var shard in view.SurplusShards.Reverse())
        {
            if (view.StatefulSet(shard) is { Metadata.DeletionTimestamp: null } set)
            {
                var answer = set.Spec?.Replicas > 0 ? Stop(view, set, shard) : Remove(view, set, shard);
                steps.AddRange(answer.Steps);
                waits.AddRange(answer.Waits);
                refusals.AddRange(answer.Refusals);
            }
        }

        return new RungAnswer(steps, waits, refusals);
    }

    static RungAnswer Stop(ClusterView view, V1StatefulSet set, int shard)
    {
        var members = view.Members.Where(member => member.Shard == shard).ToList();
        if (members.Exists(member => !member.Server.Slots.IsEmpty || view.SlotPlan?.Jobs.Any(job => view.SlotPlan.Holders[job.To].Master?.Id == member.Id) == true))
        {
            return RungAnswer.Nothing; // rung 13 is at it
        }

        if (members.Find(member => member.Server.Myself is { Importing.Count: > 0 } or { Migrating.Count: > 0 }) is { } open)
        {
            return RungAnswer.Of(new Wait("ScalingIn", $"{open} has open slots", view.GossipInterval));
        }

        if (members.Find(member => member.Server.HoldsKeys) is { } full)
        {
            // A replica hears of the last deletions a moment later; a master without slots does not get rid of keys by itself.
            return full.Server.IsMaster
                ? RungAnswer.Of([new Refusal("UnexpectedKeys", $"shard {shard} is not removed: {full} owns no slot but holds keys; save what is needed and flush it, or raise spec.shards")])
                : RungAnswer.Of(new Wait("ScalingIn", $"{full} holds keys that its master has not", view.GossipInterval));
        }

        if (view.Observation.Pods.FirstOrDefault(pod => pod.Shard == shard && pod.Server is null && MayRun(pod)) is { } silent)
        {
            return RungAnswer.Of(new Wait("ScalingIn", $"shard {shard} is not removed while {silent.Name} does not say that it is empty: {silent.Silence}", Slow));
        }

        if (EmptiedAt(view, shard) is not { } emptied)
        {
            var since = new SortedDictionary<string, string?>(StringComparer.Ordinal)
            {
                [ClusterMetadata.EmptiedAnnotation] = view.Observation.At.ToString("O", CultureInfo.InvariantCulture),
            };
            return RungAnswer.Of([new ChangeStatefulSet(StatefulSetReference.Of(set), since, $"shard {shard} is empty")]);
        }

        if (emptied + Lingering - view.Observation.At is var rest && rest > TimeSpan.Zero)
        {
            return RungAnswer.Of(new Wait("ScalingIn", $"the emptied shard {shard} tells clients for a moment longer where its slots are", rest));
        }

        var notes = new SortedDictionary<string, string?>(StringComparer.Ordinal)
        {
            [ClusterMetadata.RetiredNodesAnnotation] = string.Join(',', members.Select(member => member.Id)),
        };
        var change = new ChangeStatefulSet(StatefulSetReference.Of(set), notes, $"shard {shard} is empty: its pods end")
        {
            Replicas = 0,
            ResourceVersion = set.Metadata.ResourceVersion,
            Event = "ShardEmptied",
        };
        return RungAnswer.Of([new RetirePods(change, [.. members.Select(member => member.Party)], MustBeEmpty: true)]);
    }

    static RungAnswer Remove(ClusterView view, V1StatefulSet set, int shard)
    {
        if (view.Observation.Pods.FirstOrDefault(pod => pod.Shard == shard) is { } pod)
        {
            return RungAnswer.Of(new Wait("ScalingIn", $"{pod.Name} of the emptied shard {shard} is ending", Slow));
        }

        var retired = (view.Annotation(shard, ClusterMetadata.RetiredNodesAnnotation) ?? "").Split(',').Where(id => NodeId.TryParse(id, out _)).Select(NodeId.Parse).ToList();
        if (view.Members.FirstOrDefault(member => retired.Exists(id => member.Server.Nodes.Find(id) is not null)) is { } remembering)
        {
            return RungAnswer.Of(new Wait("ScalingIn", $"{remembering} has not forgotten the nodes of shard {shard} yet", view.GossipInterval));
        }

        if (view.Spec.Storage is { WhenScaled: VolumeRetention.Delete } && RetiredClaims.Of(view, shard, firstOrdinal: 0) is { Count: > 0 } claims)
        {
            return RungAnswer.Of(claims);
        }

        var steps = new List<IStep>();
        if (view.Observation.Objects.DisruptionBudgets.FirstOrDefault(budget => budget.Metadata.Name == set.Metadata.Name && view.IsOurs(budget)) is { } surplus)
        {
            steps.Add(new DeleteObject<V1PodDisruptionBudget>(view.Observation.Key.Namespace, surplus.Metadata.Name!, surplus.Metadata.Uid!));
        }

        // Last, as it is what the rest is remembered by.
        steps.Add(new DeleteObject<V1StatefulSet>(view.Observation.Key.Namespace, set.Metadata.Name!, set.Metadata.Uid!) { IsLast = true });
        return RungAnswer.Of(steps);
    }

    static DateTimeOffset? EmptiedAt(ClusterView view, int shard) =>
        DateTimeOffset.TryParse(view.Annotation(shard, ClusterMetadata.EmptiedAnnotation), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null;

    /// <summary>
    /// Whether a process of the pod may run. One that ended, or never began, owns nothing: all slots are served by others, and they all agree on it.
    /// </summary>
    static bool MayRun(PodObservation pod) => !pod.NeverStarted && pod.Container is not { State: { Terminated: not null } or { Waiting: not null } };
}
