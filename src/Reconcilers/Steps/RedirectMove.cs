using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Has one side of an abandoned move name the node that is its other side by now, because that one failed over or keys are elsewhere than it says.
/// The slots stay open throughout: keys of a slot that is not marked any more would be found by nobody.
/// </summary>
/// <param name="Server">The owner of the slots, or the one that imports them.</param>
/// <param name="Slots">The slots.</param>
/// <param name="Peer">Whom it shall name.</param>
/// <param name="IsOwner">Whether it owns the slots, hence gives them.</param>
public sealed record RedirectMove(ServerReference Server, SlotSet Slots, NodeId Peer, bool IsOwner) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Server];

    public int Stage => Stages.Redis;

    public string Description => $"have {Server} {(IsOwner ? "migrate slots" : "import slots")} {Slots} {(IsOwner ? "to" : "from")} {Peer}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        RedisCommand[] commands = [.. Slots.Select(slot => IsOwner ? ClusterCommands.SetSlotMigrating(slot, Peer) : ClusterCommands.SetSlotImporting(slot, Peer))];
        var (replies, reason) = await context.ExecuteAsync(Server, Forbid, commands, cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        return replies.FirstOrDefault(reply => reply.IsError) is { IsError: true } error
            ? StepOutcome.Failed($"could not {Description}: {error.ErrorText}")
            : new StepOutcome(StepResult.Done, $"{Server} resumes an abandoned move of slots {Slots} {(IsOwner ? "to" : "from")} {Peer}");
    }

    string? Forbid(ClusterNodesTable nodes) =>
        nodes.Myself is not { IsMaster: true } myself ? $"{Server} is no longer a master"
        : (IsOwner ? !Slots.IsSubsetOf(myself.Slots) : Slots.Overlaps(myself.Slots)) ? $"the owner of some of the slots {Slots} changed"
        : null;
}
