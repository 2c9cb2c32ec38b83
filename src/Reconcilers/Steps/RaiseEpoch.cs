using System.Globalization;
using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Raises a master's epoch above all others, so that everybody believes what it says about its slots. Not idempotent, hence only while its
/// epoch is the one that the plan was made for.
/// </summary>
/// <param name="Master">The master.</param>
/// <param name="Epoch">Its epoch when the plan was made.</param>
/// <param name="Slots">Its slots then: nobody else may claim one of them, or would delete the keys that it has of them.</param>
public sealed record RaiseEpoch(ServerReference Master, long Epoch, SlotSet Slots) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Master];

    public int Stage => Stages.Redis;

    public string Description => $"raise the epoch of {Master}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (replies, reason) = await context.ExecuteAsync(Master, Forbid, [ClusterCommands.BumpEpoch], cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        if (replies[0].AsText()?.StartsWith("STILL", StringComparison.Ordinal) == true)
        {
            // Shared with another one that has the same: only these two can settle that, as soon as they hear each other.
            return StepOutcome.Skipped(string.Create(CultureInfo.InvariantCulture, $"no epoch is higher than that of {Master}, {Epoch}"));
        }

        return replies[0].IsError
            ? StepOutcome.Failed($"could not {Description}: {replies[0].ErrorText}")
            : StepOutcome.Done("EpochRaised", string.Create(CultureInfo.InvariantCulture, $"raised the epoch of {Master}, which was {Epoch}, so that all believe which slots it owns"));
    }

    string? Forbid(ClusterNodesTable nodes) => nodes.Myself is { IsMaster: true } myself && myself.ConfigEpoch == Epoch && myself.Slots == Slots
        ? null
        : $"{Master} has another epoch, other slots or another role by now";
}
