using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Makes a server a replica, and has it tell the masters at once: until these voters know whom it follows they do not elect it.</summary>
/// <param name="Replica">The server that follows; it owns no slot.</param>
/// <param name="Master">Whom it follows.</param>
/// <param name="MasterId">The master's node id.</param>
/// <param name="Voters">The masters to tell.</param>
public sealed record FollowMaster(ServerReference Replica, ServerReference Master, NodeId MasterId, IReadOnlyList<Peer> Voters) : IStep
{
    /// <summary>Whether it follows the master already, but copies from where that no longer is.</summary>
    public bool IsAnew { get; init; }

    public IReadOnlyList<ServerReference> Servers => [Replica];

    public int Stage => Stages.Redis;

    public string Description => $"make {Replica} a replica of {Master}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (greetings, _) = await Greetings.BuildAsync(Voters, context, cancellationToken);
        var (replies, reason) = await context.ExecuteAsync(Replica, Forbid, [ClusterCommands.Replicate(MasterId), .. greetings], cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        return replies[0].IsError
            ? StepOutcome.Failed($"{Replica} did not become a replica of {Master}: {replies[0].AsText()}")
            : StepOutcome.Done("ReplicaAttached", $"{Replica} became a replica of {Master}");
    }

    string? Forbid(ClusterNodesTable nodes)
    {
        if (nodes.Myself is not { Slots.IsEmpty: true })
        {
            return $"{Replica} owns slots by now";
        }

        // Told twice, as by another operator, it would break the connection over which it follows and be no copy until it has made a new one.
        if (nodes.Myself.MasterId == MasterId && !IsAnew)
        {
            return $"{Replica} follows {Master} by now";
        }

        return nodes.Find(MasterId) is { IsMaster: true } ? null : $"{Master} is no longer a master in the view of {Replica}";
    }
}
