using System.Globalization;
using Slotwise.Reconcilers.Planning.Rolling;
using Slotwise.Reconcilers.Status;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 12: pods that were made from something else than what the spec says now are replaced, so that no application notices and nothing is lost.
/// <para>
/// 1. A pod is outdated if the stamp on it is not that of the template which the spec makes; what a StatefulSet says does not matter, as that is what pods *will* be made from.
/// 2. Nothing is done while the cluster is hurt or while anything above is to be done or waited for; pods that do not run anyway are replaced all the same (<see cref="StuckPods"/>).
/// 3. Shards take turns: those go first that are not whole, as after the last of their pods was replaced, then those that were begun, then the lowest. At most <c>update.maxParallelShards</c> are in hand, and fewer than half of all, so that the masters left are a majority.
/// 4. The template of a shard is edited when its turn comes and not before: until then a lost host brings back pods that are known to work.
/// 5. No pod is replaced before whoever makes pods has seen the edited template, or it would make another pod of the old one.
/// 6. Roles are read from the servers in every pass. Replicas go first, the highest ordinal first, but one that does not work before all others.
/// 7. A pod is replaced only if every other pod of its shard is ready, a member known to all others, and, as a replica, in sync and caught up by offset. Where it is not ready itself, those of the old template need only serve: else they would wait for each other, when that template is what keeps all of them from being ready.
/// 8. When only the master is outdated, it hands over to a replica of the new template by the rules of <see cref="Handovers"/>; then it is a replica, to which 6 applies.
/// 9. A master without replicas is replaced only if its server writes its keys to a volume; else the user has to decide.
/// 10. A shard with open slots or jobs that move slots is left alone until they are done: replicas do not know of them.
/// 11. A shard with a full volume is left alone: a server that starts writes before it answers, and may not come up again.
/// 12. The first replica of a new template is its trial. As long as it is not ready and in sync, 2 keeps everybody else what he is; and it is replaced again when the spec is taken back.
/// 13. Going back to an older server is possible until the first master runs the newer one; then only if the older one reads what that writes (<see cref="Versions"/>).
/// </para>
/// All of it follows from what is seen, so nothing has to be remembered, and a changed mind is just another plan.
/// </summary>
public static class RollingUpdate
{
    /// <summary>The StatefulSet controller sees a change within milliseconds; it is heard of through the API server.</summary>
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Spec.Update.Paused || !view.Roll.Shards.Any(shard => shard.IsDue) || Versions.Refuse(view) is not null)
        {
            return RungAnswer.Nothing;
        }

        var answers = view.Roll.Shards
            .Select(shard => (Shard: shard, Unready: FindUnready(view, shard)))
            .Where(turn => turn.Shard.IsDue || turn.Unready is not null)
            .OrderByDescending(turn => turn.Unready is not null)
            .ThenByDescending(turn => turn.Shard.IsBegun)
            .ThenBy(turn => turn.Shard.Shard)
            .Take(MaxShards(view))
            .Select(turn => turn.Shard.IsDue ? PlanShard(view, turn.Shard) : RungAnswer.Of(Wait($"{turn.Unready} is not ready", view.GossipInterval)))
            .ToList();
        return new RungAnswer(
            [.. answers.SelectMany(answer => answer.Steps)],
            [.. answers.SelectMany(answer => answer.Waits)],
            [.. answers.SelectMany(answer => answer.Refusals)]);
    }

    /// <summary>One shard is always allowed: of one or two masters no majority could ever be left.</summary>
    static int MaxShards(ClusterView view) => Math.Max(1, Math.Min(view.Spec.Update.MaxParallelShards, (view.Spec.Shards - 1) / 2));

    /// <summary>
    /// A server of the shard that clients are not sent to yet. It may answer and be in sync while its kubelet does not call it ready, as one of a bad template does
    /// for ever: then no other shard may get that template.
    /// </summary>
    static Member? FindUnready(ClusterView view, ShardRoll shard) =>
        view.Members.FirstOrDefault(member => member.Shard == shard.Shard && member.Ordinal < view.Spec.NodesPerShard && !NodeHealth.IsReady(view, member));

    static RungAnswer PlanShard(ClusterView view, ShardRoll shard)
    {
        if (FullVolumes.FindIn(view, shard.Shard) is { } full)
        {
            return RungAnswer.Of(new Wait("VolumeFull", $"no pod of shard {shard.Shard} is replaced: the volume of {full} is full to 95 % or cannot be written to; raise spec.storage.size", view.GossipInterval) { IsLocal = true });
        }

        if (!shard.IsTemplateCurrent)
        {
            return RungAnswer.Of([RollSteps.ChangeTemplate(view, shard)]);
        }

        if (!shard.IsSeen)
        {
            return RungAnswer.Of(Wait($"StatefulSet {shard.Set.Metadata.Name} takes in its new pod template", Slow));
        }

        var members = view.Members.Where(member => member.Shard == shard.Shard).ToList();
        if (members.Find(MovesSlots) is { } moving)
        {
            return RungAnswer.Of(Wait($"slots move at {moving}, whose replicas would not know of it", view.GossipInterval) with { IsLocal = true });
        }

        if (view.LeaderOf(shard.Shard) is not { } master)
        {
            return RungAnswer.Of(Wait($"shard {shard.Shard} has no master", view.GossipInterval));
        }

        var outdated = members.Where(member => shard.Outdated.Contains(member.Pod)).ToList();
        var replica = outdated.Where(member => member.Id != master.Id)
            .OrderBy(member => NodeHealth.IsReady(view, member))
            .ThenByDescending(member => member.Ordinal)
            .FirstOrDefault();
        var next = replica ?? outdated.FirstOrDefault();
        if (next is null)
        {
            return RungAnswer.Of(Wait($"{shard.Outdated[0].Name} does not answer", Slow));
        }

        // Its template may be what keeps it from being ready, so nobody waits for that: it goes first, as any replica that does not work.
        if (replica is { Pod.IsReady: true } && outdated.Contains(master) && !master.Pod.IsReady)
        {
            return Handovers.Plan(view, shard.Set, master, [.. members.Where(member => member.Pod.IsReady)]);
        }

        var waitsForAll = next.Pod.IsReady;
        if (members.Where(member => member.Id != next.Id).Select(member => ReasonToWait(view, master, member, waitsForAll || shard.IsCurrent(member.Pod))).FirstOrDefault(reason => reason is not null) is { } reason)
        {
            return RungAnswer.Of(Wait(reason, view.GossipInterval));
        }

        if (replica is not null)
        {
            return RungAnswer.Of([RollSteps.Replace(view, shard, replica.Pod)]);
        }

        // Redis elects nobody in place of a master without slots, so it cannot hand over; and it has nothing to.
        if (master.Server is { Slots.IsEmpty: true, HoldsKeys: false })
        {
            return RungAnswer.Of([RollSteps.Replace(view, shard, master.Pod)]);
        }

        if (view.Spec.NodesPerShard > 1)
        {
            return Handovers.Plan(view, shard.Set, master, [.. members.Where(member => shard.IsCurrent(member.Pod))]);
        }

        return master.Server.Info is { IsAofEnabled: true, IsAofWriteOk: true } && view.Spec.Storage is not null
            ? RungAnswer.Of([RollSteps.Replace(view, shard, master.Pod)])
            : RungAnswer.Of(
            [
                new Refusal(
                    "WouldLoseKeys",
                    $"{master} is to be replaced ({shard.Reason}) and has neither a replica nor an append-only file on a volume: its keys would be lost. "
                    + "Set spec.replicasPerShard to 1, which may be taken back afterwards, or take the change back"),
            ]);
    }

    static bool MovesSlots(Member member) =>
        member.Server.Myself is { Migrating.Count: > 0 } or { Importing.Count: > 0 } || member.Server.Jobs.Any(job => job.State == SlotMoveJobState.InProgress);

    /// <summary>
    /// Why another pod of its shard may not end now because of this one. Where both are of the old template and not ready, that may be the template's doing, and they would wait for
    /// each other for ever: then it is enough that this one serves.
    /// </summary>
    static string? ReasonToWait(ClusterView view, Member master, Member member, bool hasToBeReady)
    {
        if (hasToBeReady ? !NodeHealth.IsReady(view, member) : !NodeHealth.IsServing(view, member))
        {
            return $"{member} is not ready";
        }

        var lag = master.Server.Info.MasterOffset - member.Server.Info.ReplicaOffset;
        if (member.Id == master.Id || lag <= Handovers.MaxLag)
        {
            return null;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{member} is {lag} bytes behind {master}");
    }

    static Wait Wait(string message, TimeSpan lookAgain) => new("Updating", message, lookAgain);
}
