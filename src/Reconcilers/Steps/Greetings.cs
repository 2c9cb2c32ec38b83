using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>CLUSTER MEET to peers that have just proved who they are.</summary>
static class Greetings
{
    /// <summary>The commands for those peers that proved themselves; gossip accepts whoever it meets, so nobody else may be named (redis #6174).</summary>
    public static async Task<(IReadOnlyList<RedisCommand> Commands, string? Doubt)> BuildAsync(
        IReadOnlyList<Peer> peers,
        StepContext context,
        CancellationToken cancellationToken)
    {
        var doubts = await Task.WhenAll(peers.Select(peer => context.DoubtAsync(peer.Server, cancellationToken)));
        var commands = new List<RedisCommand>(peers.Count);
        for (var index = 0; index < peers.Count; index++)
        {
            if (doubts[index] is null)
            {
                var endpoint = peers[index].Server.Endpoint;
                commands.Add(ClusterCommands.Meet(endpoint.Host, endpoint.Port, peers[index].BusPort));
            }
        }

        return (commands, doubts.FirstOrDefault(doubt => doubt is not null));
    }
}
