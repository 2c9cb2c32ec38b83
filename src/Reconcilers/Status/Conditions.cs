using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Status;

/// <summary>The conditions of a cluster. Ready, Reconciling and Stalled follow kstatus, so that Flux and <c>kubectl wait</c> understand them.</summary>
public static class Conditions
{
    public const string Ready = "Ready";
    public const string Reconciling = "Reconciling";
    public const string Stalled = "Stalled";
    public const string SlotsCovered = "SlotsCovered";
    public const string ReplicasInSync = "ReplicasInSync";
    public const string Balanced = "Balanced";
    public const string QuorumSafe = "QuorumSafe";
    public const string VolumeNearlyFull = "VolumeNearlyFull";

    /// <summary>A condition's message is for people and may not grow without end.</summary>
    const int MaxMessages = 3;

    internal static IReadOnlyList<V1Condition> Build(
        ClusterView view,
        Plan plan,
        IReadOnlyList<(IStep Step, StepOutcome Outcome)> outcomes,
        int readyNodes,
        int wantedNodes)
    {
        var waits = plan.Waits;
        var refusals = plan.Refusals
            .Concat(outcomes.Where(outcome => outcome.Outcome.Result == StepResult.Refused).Select(outcome => new Refusal(outcome.Outcome.Event ?? "Refused", outcome.Outcome.Message)))
            .ToList();
        List<Verdict> verdicts =
        [
            JudgeReady(view, waits, refusals, readyNodes, wantedNodes),
            JudgeReconciling(view, plan, waits, outcomes),
            JudgeStalled(refusals),
            JudgeSlots(view),
            JudgeReplicas(view),
            JudgeBalance(view),
            JudgeQuorum(view),
            .. JudgeVolumes(view),
        ];
        return [.. verdicts.Select(verdict => Stamp(view, verdict))];
    }

    static Verdict JudgeReady(ClusterView view, IReadOnlyList<Wait> waits, List<Refusal> refusals, int readyNodes, int wantedNodes)
    {
        var isServing = readyNodes == wantedNodes && view is { IsFormed: true, KnowRoles: true } && view.Members.All(member => member.Server.Cluster.IsOk)
            && !refusals.Exists(refusal => refusal.HidesKeys);
        if (isServing && Progress.Describe(view) is null)
        {
            return new Verdict(Ready, true, "Ready", string.Create(CultureInfo.InvariantCulture, $"all {wantedNodes} nodes are ready and all {SlotSet.SlotCount} slots are served"));
        }

        var counts = string.Create(CultureInfo.InvariantCulture, $"{readyNodes} of {wantedNodes} nodes are ready, {view.ServedSlots.Count} of {SlotSet.SlotCount} slots are served");
        if (view.Spec.Paused)
        {
            return new Verdict(Ready, false, "Paused", $"{counts}; spec.paused is true, so nothing is done about it");
        }

        return (refusals, waits) switch
        {
            ([var first, ..], _) => new Verdict(Ready, false, first.Reason, $"{counts}; {Join(refusals.Select(refusal => refusal.Message))}"),
            _ when isServing && Progress.Describe(view) is { } progress => new Verdict(Ready, false, progress.Reason, $"{counts}; {progress.Message}"),
            (_, [var first, ..]) => new Verdict(Ready, false, first.Reason, $"{counts}; {Join(waits.Select(wait => wait.Message))}"),
            _ => new Verdict(Ready, false, view.Observation.WasFormed ? "NotReady" : "Forming", counts),
        };
    }

    static Verdict JudgeReconciling(
        ClusterView view,
        Plan plan,
        IReadOnlyList<Wait> waits,
        IReadOnlyList<(IStep Step, StepOutcome Outcome)> outcomes)
    {
        if (view.Spec.Paused)
        {
            return new Verdict(Reconciling, false, "Paused", "spec.paused is true");
        }

        var failures = outcomes.Where(outcome => outcome.Outcome.Result == StepResult.Failed).Select(outcome => outcome.Outcome.Message);
        var progress = Progress.Describe(view);
        string[] doing =
        [
            .. progress is null ? Array.Empty<string>() : [progress.Message],
            .. failures,
            .. waits.Select(wait => wait.Message),
            .. plan.Steps.Select(step => step.Description),
        ];
        if (doing.Length == 0 && view.Spec.Update.Paused && view.Roll.Reason is { } reason)
        {
            return new Verdict(Reconciling, false, "UpdatePaused", string.Create(CultureInfo.InvariantCulture, $"{view.Roll.PodsLeft} pods are to be replaced ({reason}) when spec.update.paused is false"));
        }

        return doing.Length == 0
            ? new Verdict(Reconciling, false, "Settled", "nothing is left to be done")
            : new Verdict(Reconciling, true, waits.Count > 0 ? waits[0].Reason : progress?.Reason ?? "Working", Join(doing));
    }

    static Verdict JudgeStalled(List<Refusal> refusals) => refusals.Count == 0
        ? new Verdict(Stalled, false, "NotStalled", "nothing waits for a decision")
        : new Verdict(Stalled, true, refusals[0].Reason, Join(refusals.Select(refusal => refusal.Message)));

    static Verdict JudgeSlots(ClusterView view)
    {
        if (view.IsFormed)
        {
            return new Verdict(SlotsCovered, true, "Covered", "every slot has an owner and all nodes agree on it");
        }

        var missing = view.ServedSlots.Complement();
        return missing.IsEmpty
            ? new Verdict(SlotsCovered, false, "Disagreement", "every slot has an owner, but the nodes do not agree yet who owns what")
            : new Verdict(SlotsCovered, false, "Uncovered", $"no reachable master serves slots {missing}");
    }

    static Verdict JudgeReplicas(ClusterView view)
    {
        var wanted = view.Spec.Shards * view.Spec.ReplicasPerShard;
        var inSync = view.Members.Count(member => member.Shard < view.Spec.Shards && member.Ordinal <= view.Spec.ReplicasPerShard && !member.Server.IsMaster && NodeHealth.IsInSyncWithItsShard(view, member));
        var message = string.Create(CultureInfo.InvariantCulture, $"{inSync} of {wanted} replicas are in sync");
        return inSync >= wanted
            ? new Verdict(ReplicasInSync, true, wanted == 0 ? "NoReplicas" : "InSync", message)
            : new Verdict(ReplicasInSync, false, "OutOfSync", message);
    }

    static Verdict JudgeBalance(ClusterView view)
    {
        if (view.SlotPlan?.Proposal is { } proposal)
        {
            var key = view.Observation.Key;
            var moves = proposal.Transfers.Select(transfer => string.Create(
                CultureInfo.InvariantCulture,
                $"{transfer.Slots.Count} slots from shard {view.SlotPlan.Holders[transfer.From].Shard} to {view.SlotPlan.Holders[transfer.To].Shard}"));
            return new Verdict(
                Balanced,
                false,
                "AwaitingApproval",
                $"to be moved: {Join(moves)}; approve it with kubectl annotate rediscluster {key.Name} -n {key.Namespace} --overwrite {RedisClusterAnnotations.ApproveRebalance}={proposal.Id}");
        }

        var mean = (double)SlotSet.SlotCount / view.Spec.Shards;
        for (var shard = 0; shard < view.Spec.Shards; shard++)
        {
            var slots = view.MasterOf(shard)?.Server.Slots.Count ?? 0;
            if (Math.Abs(slots - mean) > Math.Max(1, mean * view.Spec.Rebalance.TolerancePercent / 100))
            {
                return new Verdict(Balanced, false, "Unbalanced", string.Create(CultureInfo.InvariantCulture, $"shard {shard} owns {slots} slots, the mean is {mean:0}"));
            }
        }

        return new Verdict(Balanced, true, "Balanced", "all shards own their share of the slots");
    }

    static Verdict JudgeQuorum(ClusterView view)
    {
        if (view.Spec.Shards < 3)
        {
            return new Verdict(QuorumSafe, false, "TooFewShards", "with 1 or 2 shards no majority of masters is left to elect a replica when one fails: only the operator can fail over");
        }

        var masters = view.Members.Where(member => member.Server is { IsMaster: true, Slots.IsEmpty: false }).ToList();
        if (FindMajority(masters, member => member.Pod.Host) is { } host)
        {
            return new Verdict(QuorumSafe, false, "OneHost", string.Create(CultureInfo.InvariantCulture, $"host {host.Key} runs {host.Count()} of {masters.Count} masters: its loss takes the majority that elects replicas"));
        }

        // Where there is one zone alone, nothing could be spread over others.
        var hasZones = view.Observation.Hosts.Select(known => known.Zone).OfType<string>().Distinct(StringComparer.Ordinal).Count() > 1;
        return hasZones && FindMajority(masters, member => view.Observation.ZoneOf(member.Pod.Host)) is { } zone
            ? new Verdict(QuorumSafe, false, "OneZone", string.Create(CultureInfo.InvariantCulture, $"zone {zone.Key} runs {zone.Count()} of {masters.Count} masters: its loss takes the majority that elects replicas"))
            : new Verdict(QuorumSafe, masters.Count >= 3, masters.Count >= 3 ? "Spread" : "TooFewMasters", string.Create(CultureInfo.InvariantCulture, $"{masters.Count} masters, no host or zone runs a majority of them"));
    }

    /// <summary>Only thresholds, which servers leave only well below where they reached them: what traffic changes does not stand in a status.</summary>
    static IEnumerable<Verdict> JudgeVolumes(ClusterView view)
    {
        if (view.Spec.Storage is not { } storage)
        {
            yield break;
        }

        var full = view.Members.Where(member => member.Server.Volume == VolumeLevel.Full).Select(member => $"{member} (95 % or more, or cannot be written to: nothing is moved there and no pod replaced)");
        var nearly = view.Members.Where(member => member.Server.Volume == VolumeLevel.NearlyFull).Select(member => $"{member} (80 % or more)");
        string[] volumes = [.. full, .. nearly];
        yield return volumes.Length == 0
            ? new Verdict(VolumeNearlyFull, false, "HasRoom", "every volume has room")
            : new Verdict(VolumeNearlyFull, true, full.Any() ? "Full" : "NearlyFull", $"raise spec.storage.size, which is {storage.Size}, or delete keys: the volumes of {Join(volumes)} are nearly full");
    }

    static IGrouping<string, Member>? FindMajority(List<Member> masters, Func<Member, string?> placeOf) => masters
        .Where(member => placeOf(member) is { Length: > 0 })
        .GroupBy(member => placeOf(member)!, StringComparer.Ordinal)
        .FirstOrDefault(place => place.Count() * 2 > masters.Count);

    /// <summary>Keeps the time of the last change while the status of the condition stays what it was.</summary>
    static V1Condition Stamp(ClusterView view, Verdict verdict)
    {
        var cluster = view.Observation.Cluster;
        var status = verdict.IsTrue ? "True" : "False";
        var before = cluster.Status?.Conditions.FirstOrDefault(condition => condition.Type == verdict.Type);
        return new V1Condition
        {
            Type = verdict.Type,
            Status = status,
            ObservedGeneration = cluster.Metadata.Generation,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : view.Observation.At,
            Reason = verdict.Reason,
            Message = verdict.Message,
        };
    }

    static string Join(IEnumerable<string> messages)
    {
        var distinct = messages.Distinct(StringComparer.Ordinal).ToList();
        var text = string.Join("; ", distinct.Take(MaxMessages));
        return distinct.Count > MaxMessages
            ? string.Create(CultureInfo.InvariantCulture, $"{text}; and {distinct.Count - MaxMessages} more")
            : text;
    }

    sealed record Verdict(string Type, bool IsTrue, string Reason, string Message);
}
