using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Rolling;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 12, the part of it that heals: a pod that does not run is replaced by one of the template that is wanted now, whatever else is the matter. That is how a bad
/// image is corrected or taken back, and how a pod that found no room gets one that asks for less. Nobody is disturbed by it.
/// </summary>
/// <remarks>
/// A template that came up nowhere yet is tried with one shard only: while its pod does not come up there, no other pod gets it.
/// </remarks>
public static class StuckPods
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var stuck = view.Roll.Shards.Where(shard => shard.Pods.Any(pod => IsStuck(view, shard, pod)) || IsHeldBack(view, shard)).ToList();
        var isTrying = view.Observation.WasFormed && view.Roll.Shards.Any(shard => !view.Roll.IsProven(shard.Stamp) && shard.Pods.Any(pod => shard.IsCurrent(pod) && pod.Trouble is not null));
        var refusals = isTrying || view.Roll.Shards.Any(shard => shard.IsDue) ? Explain(view) : [];
        if (view.Spec.Update.Paused || Versions.Refuse(view) is not null)
        {
            return RungAnswer.Of(refusals);
        }

        var due = stuck.Where(shard => shard.IsDue).ToList();
        var unproven = isTrying ? [] : due.Where(shard => !view.Roll.IsProven(shard.Stamp)).OrderBy(shard => view.Roll.IsProven(shard.LiveStamp)).ToList();
        var turns = due.Where(shard => view.Roll.IsProven(shard.Stamp)).Concat(view.Observation.WasFormed ? unproven.Take(1) : unproven);
        return new RungAnswer([.. turns.SelectMany(shard => Steps(view, shard)), .. view.Roll.Shards.SelectMany(shard => ReplaceThoseLeftBehind(view, shard))], [], refusals);
    }

    /// <summary>
    /// Old replicas of a master that runs a newer server by now, whose data they cannot read: they are no copies, and never will be. As long as they try, the cluster
    /// waits for them.
    /// </summary>
    static IEnumerable<IStep> ReplaceThoseLeftBehind(ClusterView view, ShardRoll shard)
    {
        if (!view.MastersAgree || view.MasterOf(shard.Shard) is not { } master || !shard.IsCurrent(master.Pod) || ServerVersion.Of(master.Server.Info) is not { } written)
        {
            return [];
        }

        var left = view.Members.Where(member => shard.Outdated.Contains(member.Pod)
            && !member.Pod.IsTerminating
            && member.Server.Myself.MasterId == master.Id
            && !member.Server.IsInSync
            && ServerVersion.Of(member.Server.Info)?.Reads(written) == false).ToList();
        return left.Count == 0 ? []
            : !shard.IsTemplateCurrent ? [RollSteps.ChangeTemplate(view, shard)]
            : shard.IsSeen ? left.Select(member => RollSteps.Replace(view, shard, member.Pod))
            : [];
    }

    /// <summary>Whether the pod is not what its shard is to have and may be ended without any loss: it does not run, and it holds nothing that nobody else has.</summary>
    static bool IsStuck(ClusterView view, ShardRoll shard, PodObservation pod) =>
        pod is { Server: null, IsTerminating: false, Trouble: not null }
        && !shard.IsCurrent(pod)
        && (pod.NeverStarted || view.Spec.Storage is not null || view.MasterOf(shard.Shard) is not null);

    /// <summary>Whether pods are missing that Kubernetes may never make from the template that there is, for they would exceed a quota.</summary>
    static bool IsHeldBack(ClusterView view, ShardRoll shard) =>
        shard is { IsAnyMissing: true, IsTemplateCurrent: false, IsSeen: true }
        && (!view.Observation.WasFormed || view.Roll.IsProven(shard.Stamp) || !view.Roll.IsProven(shard.LiveStamp));

    static IEnumerable<IStep> Steps(ClusterView view, ShardRoll shard)
    {
        if (!shard.IsTemplateCurrent)
        {
            return [RollSteps.ChangeTemplate(view, shard)];
        }

        return shard.IsSeen ? shard.Pods.Where(pod => IsStuck(view, shard, pod)).Select(pod => RollSteps.Replace(view, shard, pod)) : [];
    }

    /// <summary>What keeps pods of the new template from running, which only the user can mend.</summary>
    static List<Refusal> Explain(ClusterView view) =>
    [
        .. from shard in view.Roll.Shards
           where view.Observation.WasFormed
           from pod in shard.Pods
           where shard.IsCurrent(pod) && pod.Trouble is not null && !(pod.Server is not null && pod.IsReady)
           select new Refusal(
               pod.Trouble!.Reason,
               $"{pod.Name} was made anew ({shard.Reason}) and does not start: {pod.Trouble.Message}; no other pod is replaced meanwhile: correct the spec, or take the change back"),
    ];
}
