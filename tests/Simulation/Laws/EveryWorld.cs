using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;
using Slotwise.Simulation.Runs.Ports;

namespace Slotwise.Simulation.Laws;

/// <summary>
/// What is not observed may be anything. For every pod whose server did not answer the worlds are enumerated that fit what the others said: it is gone with all it
/// had, it owns what nobody else claims, or it holds keys that nobody else has. A step must be right in each of them.
/// </summary>
sealed class EveryWorld() : Law("9", "a step is right in every world that fits the observation")
{
    public override void Planned(ClusterObservation observation, Plan plan)
    {
        ArgumentNullException.ThrowIfNull(observation);
        ArgumentNullException.ThrowIfNull(plan);
        var silent = SilentPods.Find(observation);
        if (silent.Count == 0)
        {
            return;
        }

        foreach (var step in plan.Steps.Select(CurrentStep.Unwrap))
        {
            foreach (var pod in silent)
            {
                foreach (var world in PossibleWorlds.Of(observation, pod))
                {
                    if (Harm(observation, step, world) is { } harm)
                    {
                        Violated("the plan", $"{step.Description} while {pod.Name} does not answer", $"if {world}, {harm}");
                        return;
                    }
                }
            }
        }
    }

    static string? Harm(ClusterObservation observation, IStep step, PossibleWorld world) => step switch
    {
        AssignSlots assign when assign.Slots.Overlaps(world.Owns) || assign.Slots.Overlaps(world.Holds) => "these slots get a second owner without their keys",
        RecoverSlots recover when recover.Slots.Overlaps(world.Owns) || recover.Slots.Overlaps(world.Holds) => "these slots get a second owner without their keys",
        RaiseEpoch raise when raise.Slots.Overlaps(world.Owns) => "it deletes its keys when it hears of the epoch",
        ForgetNodes { AreForeign: false } forget when world.Id is { } id && forget.Nodes.Contains(id) => "a node is forgotten that comes back",
        CloseSlots close when close.Slots.Overlaps(world.Gets) && !IsReplaced(observation, world) => "keys that it got already are found by nobody",
        DeleteObject<V1StatefulSet> delete when delete.Name == world.Set && world.IsAlive => "what it owns goes with its pod",
        RetirePods retire when retire.Change.Set.Name == world.Set && retire.MustBeEmpty && world.IsAlive && !(world.Owns.IsEmpty && world.Holds.IsEmpty) => "what it owns goes with its pod",
        FollowMaster follow when IsLastCopy(observation, follow, world) => "the last copy of its keys is overwritten",
        _ => null,
    };

    /// <summary>Whether a replica of the shard was elected: whoever comes back then copies it, and what it got alone is gone whatever anybody does.</summary>
    static bool IsReplaced(ClusterObservation observation, PossibleWorld world) =>
        observation.Members.Any(member => ClusterNames.Shard(observation.Key.Name, member.Shard) == world.Set && member.Server is { IsMaster: true, Slots.IsEmpty: false });

    /// <summary>Whether the replica has keys of a master that cannot be asked and is to follow somebody else.</summary>
    static bool IsLastCopy(ClusterObservation observation, FollowMaster follow, PossibleWorld world) =>
        !world.IsAlive
        && observation.Members.FirstOrDefault(member => member.Uid == follow.Replica.PodUid) is { Server: { HoldsKeys: true, Myself.MasterId: { } followed } }
        && followed != follow.MasterId
        && world.WasId(followed);
}
