using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Gives slots that no server claims to a master of a cluster that was whole once.</summary>
/// <param name="Master">The master.</param>
/// <param name="Slots">The slots.</param>
/// <param name="Mistaken">Those of them that, in this master's view, another one owns, who says that it does not.</param>
public sealed record RecoverSlots(ServerReference Master, SlotSet Slots, SlotSet Mistaken) : IStep
{
    /// <summary>What is lost: the keys of these slots, and why; null where none are.</summary>
    public string? Loss { get; init; }

    public IReadOnlyList<ServerReference> Servers => [Master];

    public int Stage => Stages.Redis;

    public string Description => $"give slots {Slots}, which nobody claims, to {Master}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        List<RedisCommand> commands = Mistaken.IsEmpty ? [] : [ClusterCommands.DelSlotsRange(Mistaken)];
        commands.Add(ClusterCommands.AddSlotsRange(Slots));
        var (replies, reason) = await context.ExecuteAsync(Master, Forbid, commands, cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        return replies.FirstOrDefault(reply => reply.IsError) is { IsError: true } error
            ? StepOutcome.Failed($"{Master} did not take slots {Slots}: {error.ErrorText}")
            : Loss is null ? StepOutcome.Done("SlotsRecovered", $"{Master} was given slots {Slots}, which nobody claimed")
            : StepOutcome.Done("SlotsReassigned", $"{Master} was given slots {Slots} empty: {Loss}") with { IsWarning = true };
    }

    string? Forbid(ClusterNodesTable nodes) =>
        nodes.Myself is not { IsMaster: true } ? $"{Master} is no longer a master"
        : nodes.CoveredSlots.Intersect(Slots) != Mistaken || nodes.Myself.Slots.Overlaps(Slots) ? $"{Master} believes other things by now about who owns slots {Slots}"
        : null;
}
