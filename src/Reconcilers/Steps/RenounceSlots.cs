using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Has a master give up its claim to slots that another one claims as well. It must hold no key of them.</summary>
public sealed record RenounceSlots(ServerReference Server, SlotSet Slots) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Server];

    public int Stage => Stages.Redis;

    public string Description => $"have {Server} give up slots {Slots}, which another master owns";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        RedisCommand[] counts = [.. Slots.Select(ClusterCommands.CountKeysInSlot)];
        var (replies, reason) = await context.ExecuteAsync(Server, counts, Forbid, [ClusterCommands.DelSlotsRange(Slots)], cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        return replies[0].IsError
            ? StepOutcome.Failed($"{Server} did not give up slots {Slots}: {replies[0].ErrorText}")
            : StepOutcome.Done("SlotsRenounced", $"{Server} gave up slots {Slots}, of which it held no key and which another master claims");
    }

    string? Forbid(ClusterNodesTable nodes, IReadOnlyList<RespValue> counts) =>
        nodes.Myself is not { IsMaster: true } myself || !Slots.IsSubsetOf(myself.Slots) ? $"{Server} no longer claims all of the slots {Slots}"
        : !SlotCounts.WithKeys(Slots, counts).IsEmpty ? $"{Server} holds keys by now of the slots that it was to give up"
        : null;
}
