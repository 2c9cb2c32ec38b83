using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Removes nodes from one server's table and bans them for 60 s. All servers are told in one pass, since any that still knows a node tells
/// the others of it again when the ban is over.
/// </summary>
/// <param name="Server">Who forgets.</param>
/// <param name="Nodes">Whom.</param>
/// <param name="AreForeign">They proved to belong to another cluster: they are forgotten even if they took slots.</param>
public sealed record ForgetNodes(ServerReference Server, IReadOnlyList<NodeId> Nodes, bool AreForeign) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Server];

    public int Stage => Stages.Redis;

    public string Description => $"have {Server} forget {string.Join(", ", Nodes)}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (replies, reason) = await context.ExecuteAsync(Server, Forbid, [.. Nodes.Select(ClusterCommands.Forget)], cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        return replies.FirstOrDefault(reply => reply.IsError && !IsUnknown(reply)) is { IsError: true } error
            ? StepOutcome.Failed($"{Server} did not forget {string.Join(", ", Nodes)}: {error.ErrorText}")
            : StepOutcome.Done("NodesForgotten", $"{Server} forgot {string.Join(", ", Nodes)}");
    }

    string? Forbid(ClusterNodesTable nodes)
    {
        foreach (var id in Nodes)
        {
            if (nodes.Myself is not { } myself || myself.Id == id || myself.MasterId == id)
            {
                return $"{id} is {Server} itself or its master by now";
            }

            if (!AreForeign && nodes.Find(id) is { Slots.IsEmpty: false })
            {
                return $"{id} owns slots in the view of {Server} by now";
            }
        }

        return null;
    }

    /// <summary>It had forgotten it already.</summary>
    static bool IsUnknown(RespValue reply) => reply.ErrorText.Contains("Unknown node", StringComparison.OrdinalIgnoreCase);
}
