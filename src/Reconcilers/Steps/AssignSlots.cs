using System.Globalization;
using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Gives slots that nobody owns to a master.</summary>
/// <param name="Master">The master.</param>
/// <param name="Slots">The slots.</param>
/// <param name="Epoch">
/// The epoch to start with, different for every master so that no two of them ever have to settle who is right; null once the server knows
/// others, because then it would refuse.
/// </param>
public sealed record AssignSlots(ServerReference Master, SlotSet Slots, long? Epoch) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Master];

    public int Stage => Stages.Redis;

    public string Description => $"assign slots {Slots} to {Master}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        List<RedisCommand> commands = [ClusterCommands.AddSlotsRange(Slots)];
        if (Epoch is { } epoch)
        {
            commands.Add(ClusterCommands.SetConfigEpoch(epoch));
        }

        var (replies, reason) = await context.ExecuteAsync(Master, Forbid, commands, cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        if (replies[0].IsError)
        {
            return StepOutcome.Failed($"{Master} did not take slots {Slots}: {replies[0].AsText()}");
        }

        // Without its own epoch the master settles with the others by itself, only a little later.
        var without = replies.Count > 1 && replies[1].IsError ? $" (without epoch: {replies[1].AsText()})" : "";
        return StepOutcome.Done("SlotsAssigned", string.Create(CultureInfo.InvariantCulture, $"{Master} was given slots {Slots}{without}"));
    }

    string? Forbid(ClusterNodesTable nodes)
    {
        if (nodes.Myself is not { IsMaster: true })
        {
            return $"{Master} is no longer a master";
        }

        if (nodes.CoveredSlots.Overlaps(Slots))
        {
            return $"some of the slots {Slots} have an owner by now";
        }

        return Epoch is not null && nodes.Nodes.Count > 1 ? $"{Master} knows other nodes by now" : null;
    }
}
