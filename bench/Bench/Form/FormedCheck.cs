using System.Diagnostics;
using Slotwise.Redis;

namespace Slotwise.Bench.Form;

/// <summary>
/// Says when a cluster is formed, by the same measure for everybody: all nodes know all others and agree who owns what, 16384 slots are
/// covered, and every replica's link to its master is up.
/// </summary>
static class FormedCheck
{
    static readonly RedisCommand<RedisInfo> Info = ServerCommands.Info("replication");

    /// <summary>Asks again and again, and returns how long after <paramref name="start"/> it was so.</summary>
    public static async Task<TimeSpan> WaitAsync(
        RedisConnectionPool pool,
        IReadOnlyList<string> addresses,
        int shards,
        long start,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await IsFormedAsync(pool, addresses, shards, cancellationToken))
            {
                return Stopwatch.GetElapsedTime(start);
            }

            await Task.Delay(10, cancellationToken);
        }
    }

    /// <summary>Whether it is so now.</summary>
    /// <exception cref="RedisException">A server does not answer.</exception>
    public static async Task<bool> IsFormedAsync(RedisConnectionPool pool, IReadOnlyList<string> addresses, int shards, CancellationToken cancellationToken) =>
        IsFormed(await Task.WhenAll(addresses.Select(address => AskAsync(pool, address, cancellationToken))), shards);

    static async Task<(RedisInfo Info, ClusterNodesTable Nodes)> AskAsync(RedisConnectionPool pool, string address, CancellationToken cancellationToken)
    {
        var node = pool.Get(new RedisEndpoint(address, 6379), $"check-{address}", credentials: null);
        var replies = await node.ExecuteAsync([Info, ClusterCommands.Nodes], TimeSpan.FromSeconds(5), cancellationToken);
        return (Info.Read(replies[0]), ClusterCommands.Nodes.Read(replies[1]));
    }

    static bool IsFormed((RedisInfo Info, ClusterNodesTable Nodes)[] views, int shards) =>
        views.All(view => view.Nodes.CoveredSlots.IsFull
            && view.Nodes.Nodes.Count(node => !node.IsInHandshake) == views.Length
            && view.Nodes.AgreesOnSlotsWith(views[0].Nodes)
            && (view.Info.IsMaster || view.Info.IsMasterLinkUp))
        && views.Count(view => view.Info.IsMaster) == shards;
}
