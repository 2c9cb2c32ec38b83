using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Redis;
using Slotwise.Redis.SlotMoves;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 13: shards to empty, to fill and to level. Every pass offers all moves that can be made now; the planner takes those between servers that have nothing
/// else to do. Slots that are open are rung 8's, and one of them that it cannot finish holds up no other.
/// </summary>
public static class MovingSlots
{
    /// <summary>Servers tell nobody when a job of theirs ends.</summary>
    static readonly TimeSpan JobInterval = TimeSpan.FromMilliseconds(200);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);

        // What is not noted yet is not begun; the rung that notes it stands above.
        if (view.SlotPlan is not { Operation: not null, Kind: not null, Remaining: > 0 } plan || plan.Operation.Kind != plan.Kind)
        {
            return RungAnswer.Nothing;
        }

        var steps = new List<IStep>();
        var waits = new List<Wait>();
        foreach (var misfits in plan.Misfits.GroupBy(Canceller(plan)))
        {
            steps.Add(new CancelMoves(misfits.Key.Party, [.. misfits.Select(misfit => misfit.Job)]));
        }

        if (plan.Jobs.Count > 0)
        {
            waits.Add(new Wait(plan.Kind.Value.ToString(), $"the servers are moving {plan.Jobs.Sum(job => job.Slots.Count)} slots", JobInterval));
        }

        if (ScalingGates.FirstClosed(view, plan) is { } closed)
        {
            return new RungAnswer(steps, [.. waits, closed], []);
        }

        var (refused, refusals) = MemoryCheck.Refuse(view, plan);
        foreach (var transfer in Turns.Order(view.Observation.At, [.. plan.Transfers.Except(refused)]))
        {
            if (TryMove(view, plan, transfer, out var step, out var wait))
            {
                steps.Add(step!);
            }
            else if (wait is not null)
            {
                waits.Add(wait);
            }
        }

        return new RungAnswer(steps, waits, refusals);
    }

    static bool TryMove(ClusterView view, SlotPlan plan, SlotTransfer transfer, out IStep? step, out Wait? wait)
    {
        step = null;
        wait = null;
        var from = plan.Holders[transfer.From].Master;
        var to = plan.Holders[transfer.To].Master;
        if (from is null || to is null || FailedMoves.IsPaused(view, from.Shard) || plan.Jobs.Any(job => job.From == transfer.From || job.To == transfer.From || job.From == transfer.To || job.To == transfer.To))
        {
            return false;
        }

        var open = OpenSlots.Of(from).Union(OpenSlots.Of(to));
        var slots = transfer.Slots.Except(open);
        if (slots.IsEmpty)
        {
            return false;
        }

        if (FullVolumes.FindIn(view, to.Shard) is { } full)
        {
            wait = new Wait("VolumeFull", $"no slot moves to shard {to.Shard}: the volume of {full} is full to 95 % or cannot be written to; raise spec.storage.size", view.GossipInterval) { IsLocal = true };
            return false;
        }

        if (to.Server is { Slots.IsEmpty: true, HoldsKeys: true })
        {
            wait = new Wait("UnexpectedKeys", $"{to} holds keys but owns no slot: none is moved to it until it is empty; save what is needed, then flush it", view.GossipInterval);
            return false;
        }

        if (to.Server is { Slots.IsEmpty: true, Info.FunctionLibraries: 0 }
            && view.Members.Where(member => member.Server.IsMaster).MaxBy(member => member.Server.Info.FunctionLibraries) is { Server.Info.FunctionLibraries: > 0 } model)
        {
            // Functions are in no slot: a client that calls one would find it gone from the slot that moved.
            step = new CopyFunctions(model.Party, to.Party);
            return true;
        }

        step = new MoveSlots(
            from.Party,
            to.Party,
            slots.Union(OpenBetween(view, from, to)),

            // Servers refuse every job while any slot of theirs is open.
            open.IsEmpty && from.Server.MoveMethod == to.Server.MoveMethod ? from.Server.MoveMethod : SlotMoveMethod.SetSlot,
            [.. view.Members.Where(member => member.Id != from.Id && member.Id != to.Id).Select(member => member.Party)],
            StatefulSetReference.Of(view.StatefulSet(from.Shard)!))
        {
            NodeTimeout = RedisConfig.NodeTimeout(view.Spec),
            AllowEviction = MemoryCheck.AllowsEviction(view),
            Reshapes = true,
        };
        return true;
    }

    /// <summary>
    /// What rung 8 has begun to finish between the same two. The mover tries it first, and opens nothing more where that shows that they cannot reach
    /// each other or that there is no room: else every pass would leave more slots open.
    /// </summary>
    static SlotSet OpenBetween(ClusterView view, Member from, Member to) =>
        OpenSlots.Moves(view).FirstOrDefault(pair => pair.Key.Source.Id == from.Id && pair.Key.Target.Id == to.Id).Slots ?? SlotSet.Empty;

    /// <summary>Valkey's jobs are ended where the slots come from, Redis' where they go to, as the source would only be asked again.</summary>
    static Func<RunningJob, Member> Canceller(SlotPlan plan) => running =>
        plan.Holders[running.Job.Method == SlotMoveMethod.RedisTask ? running.To : running.From].Master!;
}
