using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Takes the marks of an abandoned move from slots. Their owner stays who it is; one that is not the owner must hold no key of them.</summary>
public sealed record CloseSlots(ServerReference Server, SlotSet Slots) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Server];

    public int Stage => Stages.Redis;

    public string Description => $"close slots {Slots} on {Server}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        RedisCommand[] counts = [.. Slots.Select(ClusterCommands.CountKeysInSlot)];
        var (replies, reason) = await context.ExecuteAsync(Server, counts, Forbid, [.. Slots.Select(ClusterCommands.SetSlotStable)], cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        return replies.FirstOrDefault(reply => reply.IsError) is { IsError: true } error
            ? StepOutcome.Failed($"{Server} did not close slots {Slots}: {error.ErrorText}")
            : StepOutcome.Done("SlotsClosed", $"closed slots {Slots} on {Server}, where an abandoned move had left them open");
    }

    string? Forbid(ClusterNodesTable nodes, IReadOnlyList<RespValue> counts)
    {
        if (nodes.Myself is not { IsMaster: true } myself)
        {
            return $"{Server} is no longer a master";
        }

        var strange = Slots.Except(myself.Slots);
        return SlotCounts.WithKeys(Slots, counts).Overlaps(strange) ? $"{Server} holds keys by now of slots that it does not own" : null;
    }
}
